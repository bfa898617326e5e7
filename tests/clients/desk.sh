#!/bin/sh
# What an admin with Amfora and a certificate meets: every screen of the desk, and its deeds.
#
#   desk.sh PORT FOLDER CERTIFICATE
#
# The certificate and its key stand in one file, as `sextant admin certificate` makes it. With SEXTANT_TEST_SHOTS=FOLDER every
# screen is also kept there, with its colours.
port=$1 folder=$2 certificate=$3
home=gemini://localhost:$port/admin
. "$(dirname "$0")/screen.sh"
cat > "$XDG_CONFIG_HOME/amfora/config.toml" <<CONFIG
[a-general]
auto_redirect = true
[auth]
[auth.certs]
"localhost:$port" = "$certificate"
[auth.keys]
"localhost:$port" = "$certificate"
CONFIG

# Keeps what the screen shows.
keep() {
    [ -z "$SEXTANT_TEST_SHOTS" ] && return
    mkdir -p "$SEXTANT_TEST_SHOTS"
    terminal capture-pane -e -p > "$SEXTANT_TEST_SHOTS/amfora-$1.ansi"
}
# Answers what the client asks for: from the field to the button, and presses it.
answer() {
    shows "$1"
    keys -l "$2"; keys Tab; keys Enter
}

terminal new-session -d -x 110 -y 300 "amfora $home"
shows "for your judgment"
keep overview
for name in Capsules Connections Runs Index Rules Reports Submissions Audit; do
    follow "$name"
    shows "# $name"
    keep "$name"
done

# A recrawl, to its receipt.
follow "Runs"
follow "Recrawl ..."
answer "What is to be visited again" "pond.example"
follow "Recrawl: pond.example"
shows "was asked for"
keep receipt
# A pause, which can be resumed and is not offered again.
follow "Capsules"
follow "Pause ..."
answer "What is to be left alone" "pond.example"
follow "Pause: pond.example"
shows "Resume: pond.example"
case $screen in *"Pause: pond.example"*) echo "what is paused is offered to be paused"; exit 1 ;; esac
follow "Resume: pond.example"
gone "Resume: pond.example"
# A rule, after its dry run and a yes.
follow "Rules"
follow "Exclude ..."
answer "What is to be shut out" "gemini://garden.example/pond.gmi"
shows "It would drop 1 page of 1 site"
keep dry-run
follow "Exclude: gemini://garden.example/pond.gmi (visitors see its host)"
answer "Type yes to do it" "yes it is wet"
shows "was asked for"
follow "Rules"
shows "it is wet"
# A report, read and judged.
follow "Reports"
follow "Decline: 3"
shows "It says"
keep report
follow "Decline: 3"
answer "Type yes to do it" "yes it names nothing"
shows "it names nothing"
