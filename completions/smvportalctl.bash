# SPDX-License-Identifier: Apache-2.0
#
# What bash completes behind smvportalctl. It asks the command itself, so that nothing is declared twice.

# The words of each command's name: what stands before its arguments, which begin with a capital or a bracket.
_smvportalctl_commands() {
    "$1" help 2>/dev/null | sed -n '/^  --/d; s/^  \([a-z-]*\( [a-z][a-z-]*\)\{0,1\}\)\(  .*\| [A-Z[].*\)$/\1/p'
}

_smvportalctl_options() { # PROGRAM WORD ...
    "$@" --help 2>/dev/null | grep -o -- '--[a-z]*'
    echo --help
}

# The name among those commands that the words begin with.
_smvportalctl_name() { # PROGRAM WORD ...
    local program=$1 name
    shift
    _smvportalctl_commands "$program" | while read -r name; do
        [[ "$* " != "$name "* ]] || echo "$name"
    done
}

_smvportalctl() {
    local program=$1 current=${COMP_WORDS[COMP_CWORD]} word skip='' name
    local -a words=()
    COMPREPLY=()
    case ${COMP_WORDS[COMP_CWORD - 1]} in
    --httpd)
        mapfile -t COMPREPLY < <(compgen -c -- "$current")
        return
        ;;
    --host | --login | --from | --until) return ;;
    esac
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case $skip$word in
        --httpd | --host | --login | --from | --until) skip=skip ;;
        --*) ;;
        skip*) skip='' ;;
        *) words+=("$word") ;;
        esac
    done
    name=$(_smvportalctl_name "$program" "${words[@]}")
    if [[ $current == -* ]]; then
        # shellcheck disable=SC2086 # the words of a name
        mapfile -t COMPREPLY < <(compgen -W "$(_smvportalctl_options "$program" $name)" -- "$current")
    elif [ -z "$name" ] && ((${#words[@]} < 2)); then
        word=$(_smvportalctl_commands "$program" | sed -n "s/^${words[0]-}${words[0]:+ }\([a-z-]*\).*/\1/p")
        mapfile -t COMPREPLY < <(compgen -W "$word" -- "$current" | sort -u)
    elif [[ $name == backup || $name == restore || $name == create-database ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        compopt -o filenames 2>/dev/null
    elif [[ $name == explain && ${#words[@]} == 2 ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$("$program" rights | sed '1d; s/\t.*//')" -- "$current")
    fi
}

complete -F _smvportalctl smvportalctl
