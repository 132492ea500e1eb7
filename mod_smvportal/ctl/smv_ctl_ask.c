/* SPDX-License-Identifier: Apache-2.0 */
#include "smv_ctl_ask.h"

#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define TERMINAL "/dev/tty"
#define MAX_LINE 4096 /* no terminal has longer ones */

/* --- signals --- */

/* What ends or stops a process from outside. SIGTTIN and SIGTTOU are not among them: they stop it before it has changed
 * anything. */
static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
#define SIGNAL_COUNT (sizeof signals / sizeof *signals)

static volatile sig_atomic_t caught;

static void catch_it(int number)
{
    caught = number;
}

typedef struct handlers_t {
    sigset_t mask; /* as it was: what may come while the terminal is waited for */
    struct sigaction actions[SIGNAL_COUNT];
} handlers_t;

/* They are held back but for while something is waited for: none is missed between asking whether one came and waiting.
 * Whatever is ignored stays so. */
static void hold(handlers_t *before)
{
    struct sigaction action = {.sa_handler = catch_it};
    sigset_t held;

    sigemptyset(&held);
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        sigaddset(&held, signals[i]);
    }
    sigprocmask(SIG_BLOCK, &held, &before->mask);
    sigemptyset(&action.sa_mask);
    caught = 0;
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        sigaction(signals[i], NULL, &before->actions[i]);
        if (before->actions[i].sa_handler != SIG_IGN) {
            sigaction(signals[i], &action, NULL);
        }
    }
}

static void let_go(const handlers_t *before)
{
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        sigaction(signals[i], &before->actions[i], NULL);
    }
    sigprocmask(SIG_SETMASK, &before->mask, NULL);
}

/* --- the terminal --- */

static int set_mode(int terminal, const struct termios *mode)
{
    int code;

    do {
        code = tcsetattr(terminal, TCSAFLUSH, mode); /* what was half typed is for nobody else */
    } while (code != 0 && errno == EINTR);
    return code;
}

static void say(int terminal, const char *text)
{
    for (size_t left = strlen(text); left > 0;) {
        ssize_t written = write(terminal, text, left);

        if (written < 0) {
            return;
        }
        text += written;
        left -= (size_t)written;
    }
}

/* @return as read(2); -1 with EINTR where one of the signals came */
static ssize_t wait_and_read(int terminal, char *at, size_t room, const sigset_t *mask)
{
    struct pollfd waited = {.fd = terminal, .events = POLLIN};
    int code;

    do {
        code = ppoll(&waited, 1, NULL, mask);
    } while (code < 0 && errno == EINTR && !caught);
    return code < 0 ? -1 : read(terminal, at, room);
}

/* @return whether a whole line came, which is in line without its end */
static int read_line(int terminal, char *line, const sigset_t *mask)
{
    size_t size = 0;
    ssize_t more;
    char *end;

    while (size < MAX_LINE - 1 && (more = wait_and_read(terminal, line + size, MAX_LINE - 1 - size, mask)) > 0) {
        end = memchr(line + size, '\n', (size_t)more);
        if (end) {
            *end = '\0';
            return 1;
        }
        size += (size_t)more;
    }
    return 0;
}

/* @return as read_line; 0 also where the terminal cannot be made to show nothing */
static int ask_once(int terminal, char *line, const char *question)
{
    struct termios mode, silent;
    handlers_t before;
    int is_whole = 0;

    hold(&before);
    if (tcgetattr(terminal, &mode) == 0) {
        silent = mode;
        silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
        silent.c_lflag |= ICANON | ISIG;
        if (set_mode(terminal, &silent) == 0) {
            say(terminal, question);
            is_whole = read_line(terminal, line, &before.mask);
            set_mode(terminal, &mode);
            say(terminal, "\n");
        }
    }
    let_go(&before);
    if (caught) {
        raise(caught);
    }
    return is_whole;
}

const smv_error_t *smv_ctl_ask(const char **answer, const char *question, apr_pool_t *pool)
{
    int terminal = open(TERMINAL, O_RDWR | O_NOCTTY | O_CLOEXEC), is_whole;
    char line[MAX_LINE];

    if (terminal < 0) {
        return smv_error(pool, SMV_ERROR_BAD_REQUEST, "there is no terminal to ask on");
    }
    do {
        is_whole = ask_once(terminal, line, question);
    } while (!is_whole && caught);
    close(terminal);
    *answer = is_whole ? apr_pstrdup(pool, line) : NULL;
    return is_whole ? NULL : smv_error(pool, SMV_ERROR_BAD_REQUEST, "nothing was typed");
}
