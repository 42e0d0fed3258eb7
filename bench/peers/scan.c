/*
 * Scans a TrailDB with the C library, several times, and prints the time of
 * each pass: `scan FILE PASSES [FILTER]`. A filter is FIELD=VALUE terms, `&`
 * between clauses, as one argument each. Built by bench/peers with
 * `cc -O2 scan.c -ltraildb`; needs libtraildb-dev.
 *
 * What a pass does: every event is asked for and its items are added up, so
 * that the work cannot be left out. The first line gives events and the sum.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <traildb.h>

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static void fail(const char *what, int error)
{
    fprintf(stderr, "scan: %s: %s\n", what, tdb_error_str(error));
    exit(1);
}

/* Adds the terms FIELD=VALUE and `&` to a filter. */
static struct tdb_event_filter *parse(const tdb *db, int count, char **words)
{
    struct tdb_event_filter *filter = tdb_event_filter_new();
    for (int i = 0; i < count; i++) {
        if (strcmp(words[i], "&") == 0) {
            tdb_event_filter_new_clause(filter);
            continue;
        }
        char *split = strchr(words[i], '=');
        if (split == NULL)
            fail(words[i], TDB_ERR_NO_SUCH_ITEM);
        *split = 0;
        tdb_field field;
        int error = tdb_get_field(db, words[i], &field);
        if (error)
            fail(words[i], error);
        tdb_item item = tdb_get_item(db, field, split + 1, strlen(split + 1));
        tdb_event_filter_add_term(filter, item, 0);
    }
    return filter;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: scan FILE PASSES [TERM ...]\n");
        return 2;
    }
    tdb *db = tdb_init();
    int error = tdb_open(db, argv[1]);
    if (error)
        fail(argv[1], error);
    struct tdb_event_filter *filter = NULL;
    if (argc > 3) {
        filter = parse(db, argc - 3, argv + 3);
        tdb_opt_value value = {.ptr = filter};
        error = tdb_set_opt(db, TDB_OPT_EVENT_FILTER, value);
        if (error)
            fail("filter", error);
    }
    tdb_cursor *cursor = tdb_cursor_new(db);
    int passes = atoi(argv[2]);
    for (int pass = 0; pass < passes; pass++) {
        uint64_t events = 0;
        uint64_t sum = 0;
        double start = seconds();
        for (uint64_t trail = 0; trail < tdb_num_trails(db); trail++) {
            error = tdb_get_trail(cursor, trail);
            if (error)
                fail("trail", error);
            const tdb_event *event;
            while ((event = tdb_cursor_next(cursor))) {
                events++;
                sum += event->timestamp;
                for (uint64_t i = 0; i < event->num_items; i++)
                    sum += event->items[i];
            }
        }
        double took = seconds() - start;
        if (pass == 0)
            printf("events %" PRIu64 " sum %" PRIu64 "\n", events, sum);
        printf("%.4f\n", took);
    }
    tdb_cursor_free(cursor);
    if (filter)
        tdb_event_filter_free(filter);
    tdb_close(db);
    return 0;
}
