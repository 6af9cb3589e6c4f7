/*
 * Threads that share a detector, each with an evaluator; and threads that
 * fight over one evaluator, which is refused, not undefined.
 */

#include <pthread.h>

#include "check.h"

#define THREADS 4
#define ROUNDS 2000

static const t1053_detector *detector;
static t1053_evaluator *fought_over;

static int32_t count_up(void *user, const t1053_match *found)
{
    (void)found;
    ++*(unsigned long *)user;
    return 0;
}

static void *alone(void *user)
{
    t1053_field_value fields[TASK_FIELDS];
    t1053_event event = task_event(fields);
    t1053_evaluator *evaluator;
    int i;
    OK(t1053_evaluator_new(detector, 0, &evaluator));
    for (i = 0; i < ROUNDS; i++)
        OK(t1053_evaluate(evaluator, &event, count_up, user));
    t1053_evaluator_free(evaluator);
    return NULL;
}

static void *fight(void *user)
{
    t1053_field_value fields[TASK_FIELDS];
    t1053_event event = task_event(fields);
    int done = 0;
    while (done < ROUNDS) {
        t1053_status status =
            t1053_evaluate(fought_over, &event, count_up, user);
        CHECK(status == T1053_OK || status == T1053_BUSY);
        done += status == T1053_OK;
    }
    return NULL;
}

static void run(void *(*body)(void *))
{
    pthread_t threads[THREADS];
    unsigned long found[THREADS];
    int i;
    memset(found, 0, sizeof found);
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, body, &found[i]) == 0);
    for (i = 0; i < THREADS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
        CHECK(found[i] >= ROUNDS && found[i] == found[0]);
    }
}

int main(void)
{
    t1053_detector *made;
    OK(t1053_detector_new(&made));
    detector = made;
    run(alone);
    OK(t1053_evaluator_new(detector, 0, &fought_over));
    run(fight);
    t1053_evaluator_free(fought_over);
    t1053_detector_free(made);
    return 0;
}
