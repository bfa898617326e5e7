#!/bin/sh
# A client in a terminal, its keys pressed and its screen read: home, search, next page.
#
#   terminal.sh PROGRAM PORT FOLDER
#
# Each step waits until the screen shows what it must, 30 s at most. What the screens showed is printed.
program=$1 port=$2 folder=$3
home=gemini://localhost:$port
export HOME="$folder" XDG_CONFIG_HOME="$folder/.config" XDG_DATA_HOME="$folder/.data" XDG_CACHE_HOME="$folder/.cache"
export LC_ALL=C.UTF-8 TERM=screen
mkdir -p "$XDG_CONFIG_HOME/amfora" "$XDG_DATA_HOME" "$XDG_CACHE_HOME"
printf '[a-general]\nsearch = "%s/search"\n' "$home" > "$XDG_CONFIG_HOME/amfora/config.toml"

terminal() { tmux -S "$folder/terminal" -f /dev/null "$@"; }
trap 'terminal kill-server 2>/dev/null' EXIT
# Whether the screen shows something within so many fifths of a second.
shown() {
    for _ in $(seq "$2"); do
        screen=$(terminal capture-pane -p)
        case $screen in *"$1"*) return ;; esac
        sleep 0.2
    done
    return 1
}
shows() {
    shown "$1" 150 && { printf '%s\n' "$screen"; return; }
    printf 'the terminal does not show %s:\n%s\n' "$1" "$screen"
    exit 1
}
keys() { terminal send-keys "$@"; }
# Follows a link by the number that the client has put before it.
follow() {
    shows "$1"
    number=$(printf '%s\n' "$screen" | sed -n "s/.*\[\([0-9]*\)\] *$1.*/\1/p" | head -n 1)
    [ -n "$number" ] || { printf 'no number stands before %s:\n%s\n' "$1" "$screen"; exit 1; }
    keys Space; keys -l "$number"; keys Enter
}

terminal new-session -d -x 110 -y 120 "$program $home/"
shows "Find your way"
case $program in
    amfora)
        # What is typed into the bar and is no address is searched.
        keys Space; keys -l "otter tea"; keys Enter
        shows "page 1 of 2"
        follow "Next page"
        shows "page 2 of 2"
        ;;
    bombadillo)
        # Keys that come while it still draws its first page are lost: they are pressed again.
        for _ in $(seq 5); do
            keys Space; keys -l "$home/search"; keys Enter
            shown "What are you looking for?" 25 && break
        done
        shows "What are you looking for?"
        keys -l "otter tea"; keys Enter
        shows "page 1 of 2"
        follow "Next page"
        shows "page 2 of 2"
        ;;
esac
