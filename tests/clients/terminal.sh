#!/bin/sh
# A client in a terminal: home, search, next page.
#
#   terminal.sh PROGRAM PORT FOLDER
program=$1 port=$2 folder=$3
home=gemini://localhost:$port
. "$(dirname "$0")/screen.sh"
printf '[a-general]\nsearch = "%s/search"\n' "$home" > "$XDG_CONFIG_HOME/amfora/config.toml"

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
