# A terminal that a client runs in, its keys pressed and its screen read: for the scripts beside this one, which set $folder first.
#
# Each step waits until the screen shows what it must, 30 s at most. What the screens showed is printed.
export HOME="$folder" XDG_CONFIG_HOME="$folder/.config" XDG_DATA_HOME="$folder/.data" XDG_CACHE_HOME="$folder/.cache"
export LC_ALL=C.UTF-8 TERM=screen
mkdir -p "$XDG_CONFIG_HOME/amfora" "$XDG_DATA_HOME" "$XDG_CACHE_HOME"

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
# Waits until the screen shows something no more.
gone() {
    for _ in $(seq 150); do
        shown "$1" 1 || return
        sleep 0.2
    done
    printf 'the terminal still shows %s:\n%s\n' "$1" "$screen"
    exit 1
}
keys() { terminal send-keys "$@"; }
# Follows a link by the number that the client has put before it.
follow() {
    shows "$1"
    number=$(printf '%s\n' "$screen" | sed -n "s|.*\[\([0-9]*\)\] *$1.*|\1|p" | head -n 1)
    [ -n "$number" ] || { printf 'no number stands before %s:\n%s\n' "$1" "$screen"; exit 1; }
    keys Space; keys -l "$number"; keys Enter
}
