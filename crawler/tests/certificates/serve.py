"""Serves one page over TLS for each certificate of a folder: `serve.py FOLDER`; prints `name port` lines, then an empty one.

Python's OpenSSL signs with keys that a strict library would not even load.
"""

import pathlib
import socket
import ssl
import sys
import threading


def serve(listener, context):
    while True:
        tcp, _ = listener.accept()
        threading.Thread(target=answer, args=(tcp, context), daemon=True).start()


def answer(tcp, context):
    try:
        tcp.settimeout(20)
        with context.wrap_socket(tcp, server_side=True) as tls:
            line = tls.recv(1026).decode()
            if line.endswith("/robots.txt\r\n"):
                tls.sendall(b"51 none\r\n")
            else:
                tls.sendall(b"20 text/gemini\r\n# A page\n\nBehind an odd certificate.\n")
            tls.unwrap()
    except OSError:
        pass


for certificate in sorted(pathlib.Path(sys.argv[1]).glob("*.pem")):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    threading.Thread(target=serve, args=(listener, context), daemon=True).start()
    print(certificate.stem, listener.getsockname()[1], flush=True)
print(flush=True)
sys.stdin.read()
