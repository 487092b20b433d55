#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "board/display.h"
#include "board/io/board_link.h"
#include "board/options.h"
#include "lib/os/os_clock.h"
#include "lib/os/os_file.h"
#include "lib/os/os_log.h"

enum {
    EXIT_CODE_OK = 0,
    EXIT_CODE_OTHER = 1,
    EXIT_CODE_USAGE = 2,
    PASSWORD_SIZE_MAX = 1024,
    REDRAW_MS = 100,
    RETRY_MS_MIN = 200,
    RETRY_MS_MAX = 2000,
    ONCE_PATIENCE_MS = 5000, // for the retained state
    ONCE_CLOCK_MS = 1500,    // more, for a tick
};

static const char help[] =
    "auction-board: a display board for one sale, in a terminal, over MQTT\n"
    "\n"
    "  auction-board --broker HOST:PORT --sale ID [--user NAME --password-file FILE]\n"
    "                [--prefix lotcast] [--once] [--plain]\n"
    "\n"
    "  --plain   one line for each change; also when the output is no terminal\n"
    "  --once    one line, then the end\n"
    "\n"
    "Exit codes: 0 stopped by a signal, or the line was written; 1 no state of the sale came\n"
    "(--once), or the output was closed; 2 usage\n";

static volatile sig_atomic_t is_stopping;

static void on_stop_signal(int signal_number)
{
    (void)signal_number;
    is_stopping = 1;
}

static void watch_signals(void)
{
    struct sigaction stop = {.sa_handler = on_stop_signal};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
}

struct board {
    const struct board_options *options;
    struct board_link *link;
    struct display display;
    bool connected;
    bool draws_page;
    bool output_closed;
    bool is_muted; // nothing is shown on the way to the one line of --once
    int64_t retry_ms;
    char last_why[128];
    struct buffer shown; // what stands on the screen
    struct buffer next;
};

// ---- output ----

static void write_text(struct board *board, const char *before, const struct buffer *text,
                       const char *after)
{
    bool written = fputs(before, stdout) >= 0 &&
                   fwrite(text->data, 1, text->size, stdout) == text->size &&
                   fputs(after, stdout) >= 0 && fflush(stdout) == 0;
    board->output_closed = board->output_closed || !written;
}

// Each row ends with "clear to the end of the row", the page with "clear to the end of the screen":
// so nothing flickers.
static void write_page(struct board *board)
{
    struct buffer rows;
    buffer_init(&rows, (size_t)DISPLAY_PAGE_SIZE_MAX * 2);
    for (size_t i = 0; i < board->next.size; i++) {
        if (board->next.data[i] == '\n') {
            buffer_append_text(&rows, "\x1b[K");
        }
        buffer_append_byte(&rows, board->next.data[i]);
    }
    write_text(board, "\x1b[H", &rows, "\x1b[K\x1b[J");
    buffer_release(&rows);
}

static void show(struct board *board)
{
    int64_t now_ms = os_clock_boot_ms();
    if (board->is_muted) {
        return;
    }
    buffer_clear(&board->next);
    if (board->draws_page) {
        display_write_page(&board->display, now_ms, &board->next);
    } else {
        display_write_line(&board->display, now_ms, &board->next);
    }
    if (bytes_equal(buffer_bytes(&board->next), buffer_bytes(&board->shown))) {
        return;
    }
    if (board->draws_page) {
        write_page(board);
    } else {
        write_text(board, "", &board->next, "\n");
    }
    struct buffer swap = board->shown;
    board->shown = board->next;
    board->next = swap;
}

// ---- the broker ----

static void tell(struct board *board, const char *why)
{
    if (!board->draws_page && strcmp(why, board->last_why) != 0) {
        os_log(OS_LOG_WARNING, "%s", why);
    }
    snprintf(board->last_why, sizeof board->last_why, "%s", why);
}

static enum lc_status subscribe(struct board *board, const char *below)
{
    char pattern[TOPIC_SIZE_MAX];
    topic_pattern_sale(board->options->prefix, &board->options->sale, below, pattern);
    return board_link_subscribe(board->link, pattern);
}

static bool connect_and_subscribe(struct board *board)
{
    // Info first, so that the first state is shown with its currency.
    static const char *const wanted[] = {"info", "board/message", "tick", "state"};
    if (board_link_connect(board->link) != LC_OK) {
        return false;
    }
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        if (subscribe(board, wanted[i]) != LC_OK) {
            return false;
        }
    }
    return true;
}

static void pause_before_retry(int64_t wait_ms)
{
    struct timespec wait = {wait_ms / 1000, (wait_ms % 1000) * 1000000};
    nanosleep(&wait, NULL); // a signal ends it
}

static void try_connect(struct board *board)
{
    board->connected = connect_and_subscribe(board);
    if (board->connected) {
        board->retry_ms = RETRY_MS_MIN;
        board->last_why[0] = 0;
        display_set_online(&board->display, true);
        if (!board->draws_page) {
            os_log(OS_LOG_INFO, "ready, connected to %s", board->options->broker);
        }
        return;
    }
    tell(board, board_link_why(board->link));
    show(board);
    pause_before_retry(board->retry_ms);
    board->retry_ms = board->retry_ms * 2 > RETRY_MS_MAX ? RETRY_MS_MAX : board->retry_ms * 2;
}

static void take_messages(struct board *board)
{
    struct board_message message;
    struct topic topic;
    enum lc_status status = board_link_receive(board->link, REDRAW_MS, &message);
    while (status == LC_OK) {
        if (topic_read(message.topic, board->options->prefix, &topic) &&
            sale_id_equal(&topic.sale, &board->options->sale)) {
            // A message that changes nothing needs no answer: the next one heals.
            (void)display_take(&board->display, &topic, message.payload, message.retained,
                               os_clock_boot_ms());
        }
        show(board);
        status = is_stopping ? LC_ERR_NOT_FOUND : board_link_receive(board->link, 1, &message);
    }
    if (status == LC_ERR_NOT_FOUND && display_wants_state(&board->display, os_clock_boot_ms())) {
        status = subscribe(board, "state") == LC_OK ? LC_ERR_NOT_FOUND : LC_ERR_OFFLINE;
    }
    if (status == LC_ERR_OFFLINE) {
        board->connected = false;
        tell(board, board_link_why(board->link));
        display_set_online(&board->display, false);
    }
}

// ---- the two ways to run ----

static int run(struct board *board)
{
    while (!is_stopping && !board->output_closed) {
        show(board);
        if (board->connected) {
            take_messages(board);
        } else {
            try_connect(board);
        }
    }
    return board->output_closed ? EXIT_CODE_OTHER : EXIT_CODE_OK;
}

static bool is_complete(const struct board *board, int64_t waited_ms)
{
    int64_t seconds = 0;
    bool known = board->display.has_state && board->display.has_info;
    bool waits =
        display_clock_at(&board->display, os_clock_boot_ms(), &seconds) == DISPLAY_CLOCK_WAITING;
    return known && (!waits || waited_ms > ONCE_CLOCK_MS);
}

static int run_once(struct board *board)
{
    int64_t start_ms = os_clock_boot_ms();
    int64_t waited_ms = 0;
    board->is_muted = true;
    while (!is_stopping && !is_complete(board, waited_ms) && waited_ms < ONCE_PATIENCE_MS) {
        if (board->connected) {
            take_messages(board);
        } else {
            try_connect(board);
        }
        waited_ms = os_clock_boot_ms() - start_ms;
    }
    if (!board->display.has_state) {
        os_log(OS_LOG_ERROR, "no state of sale %s came", board->options->sale.text);
        return EXIT_CODE_OTHER;
    }
    board->is_muted = false;
    show(board);
    return board->output_closed ? EXIT_CODE_OTHER : EXIT_CODE_OK;
}

// The first line of the file.
static bool read_password(const char *path, struct buffer *out)
{
    struct buffer file;
    buffer_init(&file, PASSWORD_SIZE_MAX);
    enum lc_status status = os_file_read(path, &file);
    if (status == LC_OK) {
        size_t size = bytes_find(buffer_bytes(&file), '\n', 0);
        buffer_append(out, bytes_of(file.data, size));
    } else {
        os_log(OS_LOG_ERROR, "--password-file %s: %s", path, lc_status_name(status));
    }
    buffer_release(&file);
    return status == LC_OK;
}

static int serve(const struct board_options *options, const char *password)
{
    char client_id[24] = "board-";
    os_random_hex(6, client_id + strlen(client_id));
    struct board board = {.options = options,
                          .draws_page = !options->plain && !options->once && isatty(STDOUT_FILENO),
                          .retry_ms = RETRY_MS_MIN};
    struct board_link_config config = {options->broker, options->user, password, client_id};
    enum lc_status status = board_link_create(&config, &board.link);
    if (status != LC_OK) {
        os_log(OS_LOG_ERROR, "%s: %s", options->broker, lc_status_name(status));
        return EXIT_CODE_OTHER;
    }
    display_init(&board.display);
    buffer_init(&board.shown, DISPLAY_PAGE_SIZE_MAX);
    buffer_init(&board.next, DISPLAY_PAGE_SIZE_MAX);
    if (board.draws_page) {
        fputs("\x1b[?25l\x1b[2J", stdout); // no cursor, an empty screen
    }
    int exit_code = options->once ? run_once(&board) : run(&board);
    if (board.draws_page) {
        fputs("\x1b[?25h\n", stdout);
    }
    buffer_release(&board.shown);
    buffer_release(&board.next);
    board_link_destroy(board.link);
    return exit_code;
}

int main(int argc, char **argv)
{
    struct board_options options;
    char error[BOARD_OPTIONS_ERROR_SIZE];
    if (board_options_read(argc, (const char *const *)argv, &options, error) != LC_OK) {
        fprintf(stderr, "auction-board: %s\n", error);
        return EXIT_CODE_USAGE;
    }
    if (options.help) {
        fputs(help, stdout);
        return EXIT_CODE_OK;
    }
    if (options.version) {
        puts("auction-board " LOTCAST_VERSION);
        return EXIT_CODE_OK;
    }
    os_log_init("auction-board", OS_LOG_INFO);
    watch_signals();
    struct buffer password;
    buffer_init(&password, PASSWORD_SIZE_MAX);
    int exit_code = EXIT_CODE_OTHER;
    if (options.password_file == NULL || read_password(options.password_file, &password)) {
        exit_code = serve(&options, options.password_file == NULL ? NULL : buffer_text(&password));
    }
    buffer_release(&password);
    return exit_code;
}
