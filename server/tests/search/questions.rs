//! Questions as people ask them, in twelve languages, each to the paragraph that answers it.
//!
//! All paragraphs lie in one index, so each question has to find its own among those of every language. They
//! are asked with their little words and question marks, and never in the paragraph's own words alone.

use server::search::PageNumber;
use shared::index::document::Document;

use crate::library::{Library, page_in};

/// Language, and paragraphs with a question each.
const PARAGRAPHS: [(&str, [(&str, &str); 6]); 12] = [
    (
        "en",
        [
            (
                "The lighthouse on the northern island was lit for the first time in 1874. Three keepers lived there with their families until it became automatic.",
                "In which year was the lighthouse on the island first lit?",
            ),
            (
                "The stone bridge over the river was designed by the engineer Marta Lindqvist. It replaced a wooden ferry and has seven arches.",
                "Who designed the stone bridge that replaced the ferry?",
            ),
            (
                "Honey bees tell each other the way to flowers with a dance. The angle of the dance shows the direction, its length the distance.",
                "How do bees tell the others where the flowers are?",
            ),
            (
                "A fire destroyed most of the old library in a single night. Only the maps were saved, because they were kept in the cellar.",
                "What was saved when the library burned down in the fire?",
            ),
            (
                "The railway through the mountains has forty tunnels. Winter trains carry a plough, for snow closes the pass for weeks.",
                "How many tunnels are there on the mountain railway?",
            ),
            (
                "The volcano is the highest peak of the region. Its last eruption covered the vineyards with ash, and farmers planted olives instead.",
                "Why did the farmers plant olive trees after the eruption of the volcano?",
            ),
        ],
    ),
    (
        "de",
        [
            (
                "Der Leuchtturm auf der nördlichen Insel brannte zum ersten Mal im Jahr 1874. Drei Wärter wohnten dort mit ihren Familien.",
                "In welchem Jahr brannte der Leuchtturm auf der Insel zum ersten Mal?",
            ),
            (
                "Die steinerne Brücke über den Fluss entwarf die Ingenieurin Marta Lindqvist. Sie ersetzte eine Fähre und hat sieben Bögen.",
                "Wer hat die Brücke entworfen, die die Fähre ersetzte?",
            ),
            (
                "Honigbienen zeigen einander den Weg zu den Blüten mit einem Tanz. Der Winkel zeigt die Richtung, die Länge die Entfernung.",
                "Wie zeigen sich Bienen den Weg zu einer Blüte?",
            ),
            (
                "Ein Feuer zerstörte die alte Bibliothek in einer einzigen Nacht. Nur die Landkarten wurden gerettet, denn sie lagen im Keller.",
                "Was wurde beim Brand der alten Bibliothek gerettet?",
            ),
            (
                "Die Eisenbahn durch die Berge hat vierzig Tunnel. Im Winter fährt ein Schneepflug voran, denn der Pass ist wochenlang verschneit.",
                "Wie viele Tunnel hat die Eisenbahn durch das Gebirge?",
            ),
            (
                "Der Vulkan ist der höchste Gipfel der Gegend. Sein letzter Ausbruch bedeckte die Weinberge mit Asche, und die Bauern pflanzten Oliven.",
                "Warum pflanzten die Bauern nach dem Ausbruch des Vulkans Olivenbäume?",
            ),
        ],
    ),
    (
        "es",
        [
            (
                "El faro de la isla del norte se encendió por primera vez en 1874. Tres guardianes vivieron allí con sus familias.",
                "¿En qué año se encendió por primera vez el faro de la isla?",
            ),
            (
                "El puente de piedra sobre el río fue diseñado por la ingeniera Marta Lindqvist. Sustituyó a una barca y tiene siete arcos.",
                "¿Quién diseñó el puente de piedra con siete arcos?",
            ),
            (
                "Las abejas se indican el camino hacia las flores con una danza. El ángulo muestra la dirección y la duración la distancia.",
                "¿Cómo se indican las abejas el camino a una flor?",
            ),
            (
                "Un incendio destruyó la antigua biblioteca en una sola noche. Solo se salvaron los mapas, guardados en el sótano.",
                "¿Qué se salvó del incendio de la biblioteca?",
            ),
            (
                "El ferrocarril de las montañas tiene cuarenta túneles. En invierno los trenes llevan un quitanieves.",
                "¿Cuántos túneles tiene el ferrocarril de la montaña?",
            ),
            (
                "El volcán es la cumbre más alta de la región. Su última erupción cubrió las viñas de ceniza y los campesinos plantaron olivos.",
                "¿Por qué los campesinos plantaron olivos después de la erupción?",
            ),
        ],
    ),
    (
        "ro",
        [
            (
                "Farul de pe insula din nord a fost aprins pentru prima dată în 1874. Trei paznici au locuit acolo cu familiile lor.",
                "În ce an a fost aprins prima dată farul de pe insulă?",
            ),
            (
                "Podul de piatră peste râu a fost proiectat de inginera Marta Lindqvist. A înlocuit un bac și are șapte arcade.",
                "Cine a proiectat podul de piatra cu sapte arcade?",
            ),
            (
                "Albinele își arată drumul spre flori printr-un dans. Unghiul arată direcția, iar durata arată distanța.",
                "Cum își arată albinele drumul către o floare?",
            ),
            (
                "Un incendiu a distrus vechea bibliotecă într-o singură noapte. Numai hărțile au fost salvate, pentru că stăteau în pivniță.",
                "Ce s-a salvat din incendiul bibliotecii?",
            ),
            (
                "Calea ferată prin munți are patruzeci de tuneluri. Iarna trenurile împing zăpada cu un plug.",
                "Câte tuneluri are calea ferată din munţi?",
            ),
            (
                "Vulcanul este cel mai înalt vârf al regiunii. Ultima erupție a acoperit viile cu cenușă, iar țăranii au plantat măslini.",
                "De ce au plantat țăranii măslini după erupția vulcanului?",
            ),
        ],
    ),
    (
        "tr",
        [
            (
                "Kuzey adasındaki deniz feneri ilk kez 1874 yılında yakıldı. Üç bekçi aileleriyle birlikte orada yaşadı.",
                "Adadaki deniz feneri ilk kez hangi yılda yakıldı?",
            ),
            (
                "Nehrin üzerindeki taş köprüyü mühendis Marta Lindqvist tasarladı. Köprü bir feribotun yerini aldı ve yedi kemeri var.",
                "Yedi kemerli taş köprüyü kim tasarladı?",
            ),
            (
                "Bal arıları çiçeklerin yolunu birbirlerine dans ederek gösterir. Açı yönü, süre ise uzaklığı bildirir.",
                "Arılar çiçeklerin yolunu birbirine nasıl gösterir?",
            ),
            (
                "Bir yangın eski kütüphaneyi tek bir gecede yok etti. Yalnızca bodrumda saklanan haritalar kurtarıldı.",
                "Kütüphane yangınında neler kurtarıldı?",
            ),
            (
                "Dağlardan geçen demiryolunun kırk tüneli var. Kışın trenler kar küreyici taşır.",
                "Dağlardaki demiryolunda kaç tünel var?",
            ),
            (
                "Yanardağ bölgenin en yüksek zirvesidir. Son patlaması bağları külle kapladı ve çiftçiler zeytin dikti.",
                "Yanardağın patlamasından sonra çiftçiler neden zeytin ağacı dikti?",
            ),
        ],
    ),
    (
        "vi",
        [
            (
                "Ngọn hải đăng trên hòn đảo phía bắc được thắp sáng lần đầu vào năm 1874. Ba người gác đèn sống ở đó cùng gia đình.",
                "Ngọn hải đăng trên đảo được thắp sáng lần đầu năm nào?",
            ),
            (
                "Cây cầu đá bắc qua sông do kỹ sư Marta Lindqvist thiết kế. Nó thay thế một chiếc phà và có bảy nhịp.",
                "Ai đã thiết kế cây cầu đá có bảy nhịp?",
            ),
            (
                "Ong mật chỉ đường đến những bông hoa cho nhau bằng một điệu múa. Góc cho biết hướng, độ dài cho biết khoảng cách.",
                "Loài ong chỉ cho nhau đường đến bông hoa như thế nào?",
            ),
            (
                "Một đám cháy đã phá hủy thư viện cũ chỉ trong một đêm. Chỉ có các bản đồ được cứu vì chúng nằm dưới tầng hầm.",
                "Cái gì đã được cứu trong đám cháy ở thư viện?",
            ),
            (
                "Tuyến đường sắt qua núi có bốn mươi đường hầm. Mùa đông tàu phải mang theo máy cày tuyết.",
                "Tuyến đường sắt qua núi có bao nhiêu đường hầm?",
            ),
            (
                "Núi lửa là đỉnh cao nhất của vùng. Lần phun trào cuối cùng phủ tro lên những vườn nho và nông dân đã trồng ô liu.",
                "Tại sao nông dân trồng ô liu sau khi núi lửa phun trào?",
            ),
        ],
    ),
    (
        "ru",
        [
            (
                "Маяк на северном острове впервые зажгли в 1874 году. Три смотрителя жили там со своими семьями.",
                "В каком году впервые зажгли маяк на острове?",
            ),
            (
                "Каменный мост через реку спроектировала инженер Марта Линдквист. Он заменил паром и имеет семь арок.",
                "Кто спроектировал каменный мост с семью арками?",
            ),
            (
                "Пчёлы показывают друг другу дорогу к цветам с помощью танца. Угол указывает направление, а длина расстояние.",
                "Как пчелы показывают друг другу дорогу к цветку?",
            ),
            (
                "Пожар уничтожил старую библиотеку за одну ночь. Спасли только карты, которые хранились в подвале.",
                "Что удалось спасти при пожаре в библиотеке?",
            ),
            (
                "На железной дороге через горы сорок туннелей. Зимой поезда везут снегоочиститель.",
                "Сколько туннелей на железной дороге в горах?",
            ),
            (
                "Вулкан является самой высокой вершиной края. Последнее извержение покрыло виноградники пеплом, и крестьяне посадили оливы.",
                "Почему крестьяне посадили оливы после извержения вулкана?",
            ),
        ],
    ),
    (
        "el",
        [
            (
                "Ο φάρος στο βόρειο νησί άναψε για πρώτη φορά το 1874. Τρεις φύλακες έζησαν εκεί με τις οικογένειές τους.",
                "Ποια χρονιά άναψε για πρώτη φορά ο φάρος του νησιού;",
            ),
            (
                "Το πέτρινο γεφύρι πάνω από το ποτάμι το σχεδίασε η μηχανικός Μάρτα Λίντκβιστ. Αντικατέστησε ένα πορθμείο και έχει επτά τόξα.",
                "Ποιος σχεδίασε το πέτρινο γεφύρι με τα επτά τόξα;",
            ),
            (
                "Οι μέλισσες δείχνουν η μία στην άλλη τον δρόμο για τα λουλούδια με έναν χορό. Η γωνία δείχνει την κατεύθυνση.",
                "Πώς δείχνουν οι μέλισσες τον δρόμο για ένα λουλούδι;",
            ),
            (
                "Μια φωτιά κατέστρεψε την παλιά βιβλιοθήκη μέσα σε μία νύχτα. Σώθηκαν μόνο οι χάρτες που ήταν στο υπόγειο.",
                "Τι σώθηκε από τη φωτιά στη βιβλιοθήκη;",
            ),
            (
                "Ο σιδηρόδρομος μέσα από τα βουνά έχει σαράντα σήραγγες. Τον χειμώνα τα τρένα έχουν εκχιονιστήρα.",
                "Πόσες σήραγγες έχει ο σιδηρόδρομος στα βουνά;",
            ),
            (
                "Το ηφαίστειο είναι η ψηλότερη κορυφή της περιοχής. Η τελευταία έκρηξη σκέπασε τα αμπέλια με στάχτη και οι αγρότες φύτεψαν ελιές.",
                "Γιατί φύτεψαν ελιές οι αγρότες μετά την έκρηξη του ηφαιστείου;",
            ),
        ],
    ),
    (
        "ar",
        [
            (
                "أضيئت المنارة في الجزيرة الشمالية لأول مرة عام 1874. عاش هناك ثلاثة حراس مع عائلاتهم.",
                "في أي عام أضيئت منارة الجزيرة لأول مرة؟",
            ),
            (
                "صممت المهندسة مارتا ليندكفيست الجسر الحجري فوق النهر. حل الجسر محل عبّارة وله سبعة أقواس.",
                "من صمم الجسر الحجري ذا الأقواس السبعة؟",
            ),
            (
                "يدل النحل بعضه بعضا على الطريق إلى الأزهار برقصة. تشير الزاوية إلى الاتجاه ويشير الطول إلى المسافة.",
                "كيف يدل النحل بعضه على الطريق إلى الازهار؟",
            ),
            (
                "دمر حريق المكتبة القديمة في ليلة واحدة. لم تنج إلا الخرائط لأنها كانت محفوظة في القبو.",
                "ماذا نجا من حريق المكتبة؟",
            ),
            (
                "تضم السكة الحديدية عبر الجبال أربعين نفقا. وفي الشتاء تحمل القطارات محراثا للثلج.",
                "كم نفقا في السكة الحديدية عبر الجبال؟",
            ),
            (
                "البركان أعلى قمة في المنطقة. غطى ثورانه الأخير الكروم بالرماد فزرع الفلاحون الزيتون.",
                "لماذا زرع الفلاحون الزيتون بعد ثوران البركان؟",
            ),
        ],
    ),
    (
        "hi",
        [
            (
                "उत्तरी द्वीप का प्रकाशस्तंभ पहली बार 1874 में जलाया गया। तीन रखवाले अपने परिवारों के साथ वहाँ रहते थे।",
                "द्वीप का प्रकाशस्तंभ पहली बार किस साल जलाया गया था?",
            ),
            (
                "नदी पर बना पत्थर का पुल इंजीनियर मार्ता लिंडक्विस्ट ने बनाया। उसने नाव की जगह ली और उसमें सात मेहराब हैं।",
                "सात मेहराब वाला पत्थर का पुल किसने बनाया?",
            ),
            (
                "मधुमक्खियाँ नाच कर एक दूसरे को फूलों का रास्ता बताती हैं। कोण दिशा बताता है और लंबाई दूरी बताती है।",
                "मधुमक्खियां एक दूसरे को फूलों का रास्ता कैसे बताती हैं?",
            ),
            (
                "आग ने पुराने पुस्तकालय को एक ही रात में नष्ट कर दिया। केवल नक्शे बचे, क्योंकि वे तहखाने में रखे थे।",
                "पुस्तकालय की आग से क्या बचा?",
            ),
            (
                "पहाड़ों से गुज़रने वाली रेलवे में चालीस सुरंगें हैं। सर्दियों में रेलगाड़ियाँ बर्फ हटाने का हल साथ रखती हैं।",
                "पहाड़ों की रेलवे में कितनी सुरंगें हैं?",
            ),
            (
                "ज्वालामुखी इस क्षेत्र की सबसे ऊँची चोटी है। उसके पिछले विस्फोट ने अंगूर के बागों को राख से ढक दिया और किसानों ने जैतून लगाए।",
                "ज्वालामुखी के विस्फोट के बाद किसानों ने जैतून क्यों लगाए?",
            ),
        ],
    ),
    (
        "zh",
        [
            (
                "北岛上的灯塔于1874年首次点亮。三名守塔人曾与家人住在那里，直到灯塔改为自动运行。",
                "岛上的灯塔是哪一年首次点亮的？",
            ),
            (
                "河上的石桥由工程师玛尔塔设计。它取代了渡船，共有七个桥拱。",
                "是谁设计了那座有七个桥拱的石桥？",
            ),
            (
                "蜜蜂用舞蹈告诉同伴通往花朵的路。舞蹈的角度表示方向，长度表示距离。",
                "蜜蜂怎样告诉同伴花朵在哪里？",
            ),
            (
                "一场大火在一夜之间烧毁了古老的图书馆。只有存放在地下室的地图被救了出来。",
                "图书馆发生大火时什么东西被救了出来？",
            ),
            (
                "穿过群山的铁路有四十条隧道。冬天火车要带上除雪犁，因为积雪会封住山口。",
                "穿山铁路一共有多少条隧道？",
            ),
            (
                "那座火山是当地最高的山峰。上一次喷发的灰烬盖住了葡萄园，于是农民改种橄榄。",
                "火山喷发以后农民为什么改种橄榄？",
            ),
        ],
    ),
    (
        "th",
        [
            (
                "ประภาคารบนเกาะทางเหนือจุดไฟครั้งแรกในปี 1874 ผู้ดูแลสามคนอาศัยอยู่ที่นั่นกับครอบครัว",
                "ประภาคารบนเกาะจุดไฟครั้งแรกในปีใด",
            ),
            (
                "สะพานหินข้ามแม่น้ำออกแบบโดยวิศวกรมาร์ตา สะพานนี้มาแทนเรือข้ามฟากและมีเจ็ดโค้ง",
                "ใครเป็นผู้ออกแบบสะพานหินที่มีเจ็ดโค้ง",
            ),
            (
                "ผึ้งบอกทางไปหาดอกไม้แก่กันด้วยการเต้นรำ มุมของการเต้นบอกทิศทางและความยาวบอกระยะทาง",
                "ผึ้งบอกทางไปหาดอกไม้แก่กันอย่างไร",
            ),
            (
                "ไฟไหม้ทำลายห้องสมุดเก่าภายในคืนเดียว มีเพียงแผนที่ที่เก็บไว้ในห้องใต้ดินเท่านั้นที่รอดมาได้",
                "อะไรรอดจากไฟไหม้ห้องสมุดเก่า",
            ),
            ("ทางรถไฟผ่านภูเขามีอุโมงค์สี่สิบแห่ง ในฤดูหนาวรถไฟต้องติดเครื่องกวาดหิมะ", "ทางรถไฟผ่านภูเขามีอุโมงค์กี่แห่ง"),
            (
                "ภูเขาไฟเป็นยอดเขาที่สูงที่สุดในแถบนี้ การปะทุครั้งล่าสุดทำให้ไร่องุ่นถูกเถ้าถ่านปกคลุม ชาวนาจึงปลูกมะกอกแทน",
                "เหตุใดชาวนาจึงปลูกมะกอกหลังจากภูเขาไฟปะทุ",
            ),
        ],
    ),
];

fn url(language: &str, number: usize) -> String {
    format!("{language}{number}.example/")
}

fn pages() -> Vec<Document> {
    let of_language = |(language, paragraphs): &(&str, [(&str, &str); 6])| {
        let pages = paragraphs.iter().enumerate();
        pages
            .map(|(number, (paragraph, _))| page_in(language, &url(language, number), "", paragraph))
            .collect::<Vec<_>>()
    };
    PARAGRAPHS.iter().flat_map(of_language).collect()
}

#[tokio::test]
async fn a_question_finds_the_paragraph_that_answers_it_in_twelve_languages() {
    let library = Library::of(pages());
    for (language, paragraphs) in &PARAGRAPHS {
        let mut first = 0;
        for (number, (_, question)) in paragraphs.iter().enumerate() {
            let results = library.ask(question).await;
            assert_eq!(results.notes, [], "{question}");
            assert_eq!(results.page, PageNumber::FIRST);
            let wanted = format!("gemini://{}", url(language, number));
            let place = results.hits.iter().position(|hit| hit.url.as_str() == wanted);
            assert!(place.is_some_and(|place| place < 3), "{question}: {place:?}");
            first += usize::from(place == Some(0));
        }
        assert!(first >= 5, "{language}: {first} of 6 questions find their paragraph first");
    }
}
