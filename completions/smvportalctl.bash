# SPDX-License-Identifier: Apache-2.0
#
# What bash completes behind smvportalctl. It asks the command itself, so that nothing is declared twice.

# The words of each command's name: what stands before its arguments, which begin with a capital or a bracket.
_smvportalctl_commands() {
    "$1" help 2>/dev/null | sed -n '/^  --/d; s/^  \([a-z-]*\( [a-z][a-z-]*\)\{0,1\}\)\(  .*\| [A-Z[].*\)$/\1/p'
}

_smvportalctl_options() { # PROGRAM WORD ...
    "$@" --help 2>/dev/null | grep -o -- '--[a-z-]*'
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

# Each option that takes something, and what: "--host NAME".
_smvportalctl_arguments() {
    "$1" help 2>/dev/null | sed -n 's/^  \(--[a-z-]*\)  *\([A-Z][A-Z]*\)  *.*/\1 \2/p'
}

# Complete what may stand in the place of an argument of that kind.
_smvportalctl_complete_value() { # KIND WORD
    case $1 in
    *FILE* | *FOLDER*)
        mapfile -t COMPREPLY < <(compgen -f -- "$2")
        compopt -o filenames 2>/dev/null
        ;;
    COMMAND) mapfile -t COMPREPLY < <(compgen -c -- "$2") ;;
    esac
}

_smvportalctl() {
    local program=$1 current=${COMP_WORDS[COMP_CWORD]} word skip='' name arguments kind
    local -a words=()
    COMPREPLY=()
    arguments=$'\n'$(_smvportalctl_arguments "$program")$'\n'
    kind=${arguments#*$'\n'"${COMP_WORDS[COMP_CWORD - 1]} "}
    if [ "$kind" != "$arguments" ]; then
        _smvportalctl_complete_value "${kind%%$'\n'*}" "$current"
        return
    fi
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        if [ -n "$skip" ]; then
            skip=
        elif [[ $arguments == *$'\n'"$word "* ]]; then
            skip=skip
        elif [[ $word != --* ]]; then
            words+=("$word")
        fi
    done
    name=$(_smvportalctl_name "$program" "${words[@]}")
    if [[ $current == -* ]]; then
        # shellcheck disable=SC2086 # the words of a name
        mapfile -t COMPREPLY < <(compgen -W "$(_smvportalctl_options "$program" $name)" -- "$current")
    elif [ -z "$name" ] && ((${#words[@]} < 2)); then
        word=$(_smvportalctl_commands "$program" | sed -n "s/^${words[0]-}${words[0]:+ }\([a-z-]*\).*/\1/p")
        mapfile -t COMPREPLY < <(compgen -W "$word" -- "$current" | sort -u)
    elif [[ $name == explain && ${#words[@]} == 2 ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$("$program" rights | sed '1d; s/\t.*//')" -- "$current")
    elif [ -n "$name" ]; then
        # shellcheck disable=SC2086
        kind=$("$program" $name --help)
        _smvportalctl_complete_value "${kind//\[*\]/}" "$current"
    fi
}

complete -F _smvportalctl smvportalctl
