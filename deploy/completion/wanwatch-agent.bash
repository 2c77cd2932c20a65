# Completion of wanwatch-agent for bash: source this file, or put it into
# /usr/share/bash-completion/completions/wanwatch-agent
_wanwatch_agent() {
    local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} options="--config --data --help"
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W "run enrol rotate-key status identity selftest probe --help" -- "$word"))
        return
    fi
    case ${COMP_WORDS[COMP_CWORD - 1]} in
        --config | --data | --ca-file | --token-file) COMPREPLY=($(compgen -f -- "$word")); return ;;
    esac
    case $command in
        run) options+=" --collector --ca-file --interval-seconds" ;;
        rotate-key) options+=" --collector --ca-file" ;;
        enrol) options+=" --collector --ca-file --json --token --token-file --host --new-key" ;;
        status) options+=" --json --raw" ;;
        identity) options+=" --json" ;;
        selftest) options+=" --json --verbose" ;;
        probe) options+=" --json" ;;
    esac
    COMPREPLY=($(compgen -W "$options" -- "$word"))
}
complete -F _wanwatch_agent wanwatch-agent
