/*
 * A module of nginx: a location that takes records by POST, in any format, and
 * answers with a line of JSON for each match.
 *
 *     location /events { t1053; client_max_body_size 1m; }
 *
 *     cd nginx-1.22.1
 *     ./configure --with-compat --add-dynamic-module=.../examples/nginx
 *     make modules
 *
 * The master makes the detector before it forks, so that all workers share its
 * pages; a reload of the configuration makes a new one. Each worker has one
 * scanner: it runs one thread, and a request is scanned at once when its body
 * is there. That takes about a millisecond a megabyte, for which the worker
 * serves nobody else: client_max_body_size is the limit of it. A request is a
 * stream of its own: what came with another is no part of its sequences.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <t1053.h>

typedef struct {
    t1053_detector *detector;
    t1053_scanner *scanner;
} main_conf_t;

typedef struct {
    ngx_pool_t *pool;
    ngx_chain_t *first;
    ngx_chain_t **end;
    off_t size;
} answer_t;

extern ngx_module_t ngx_http_t1053_module;

/* A line of the answer, in memory of the request. */
static int32_t on_match(void *user, const t1053_match *match)
{
    answer_t *answer = user;
    size_t size = t1053_match_ndjson(match, NULL, 0, NULL, 0);
    ngx_buf_t *line = ngx_create_temp_buf(answer->pool, size + 1);
    ngx_chain_t *link = ngx_alloc_chain_link(answer->pool);
    if (line == NULL || link == NULL)
        return 1;
    t1053_match_ndjson(match, NULL, 0, (char *) line->last, size);
    line->last += size;
    *line->last++ = '\n';
    link->buf = line;
    link->next = NULL;
    *answer->end = link;
    answer->end = &link->next;
    answer->size += (off_t) size + 1;
    return 0;
}

/* Scans a part of the body, which nginx keeps in memory or in a file. */
static t1053_status scan_part(t1053_scanner *scanner, const ngx_buf_t *part,
                              answer_t *answer)
{
    u_char chunk[16384];
    off_t at;
    t1053_status status = T1053_OK;
    if (ngx_buf_in_memory(part))
        return t1053_scanner_feed(scanner, part->pos,
                                  (size_t) (part->last - part->pos), on_match,
                                  NULL, answer);
    for (at = part->file_pos; at < part->file_last && status == T1053_OK;) {
        size_t room = (size_t) ngx_min((off_t) sizeof chunk,
                                       part->file_last - at);
        ssize_t got = ngx_read_file(part->file, chunk, room, at);
        if (got <= 0)
            return T1053_STOPPED;
        status = t1053_scanner_feed(scanner, chunk, (size_t) got, on_match,
                                    NULL, answer);
        at += got;
    }
    return status;
}

static void answer_body(ngx_http_request_t *r)
{
    main_conf_t *conf = ngx_http_get_module_main_conf(r, ngx_http_t1053_module);
    answer_t answer = { r->pool, NULL, NULL, 0 };
    ngx_chain_t *part = r->request_body ? r->request_body->bufs : NULL;
    t1053_status status = t1053_scanner_reset(conf->scanner);
    ngx_int_t sent;
    answer.end = &answer.first;

    for (; part != NULL && status == T1053_OK; part = part->next)
        status = scan_part(conf->scanner, part->buf, &answer);
    if (status == T1053_OK)
        status = t1053_scanner_finish(conf->scanner, on_match, NULL, &answer);
    if (status != T1053_OK) {
        /* The sender is told, and sends it again: nothing is lost. */
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0, "t1053: %s",
                      t1053_status_name(status));
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    r->headers_out.status =
        answer.first ? NGX_HTTP_OK : NGX_HTTP_NO_CONTENT;
    r->headers_out.content_length_n = answer.size;
    ngx_str_set(&r->headers_out.content_type, "application/x-ndjson");
    r->header_only = answer.first == NULL;
    sent = ngx_http_send_header(r);
    if (sent == NGX_OK && answer.first != NULL) {
        ngx_chain_t *last = answer.first;
        while (last->next != NULL)
            last = last->next;
        last->buf->last_buf = 1;
        sent = ngx_http_output_filter(r, answer.first);
    }
    ngx_http_finalize_request(r, sent);
}

static ngx_int_t handle(ngx_http_request_t *r)
{
    ngx_int_t said;
    if (r->method != NGX_HTTP_POST)
        return NGX_HTTP_NOT_ALLOWED;
    said = ngx_http_read_client_request_body(r, answer_body);
    return said >= NGX_HTTP_SPECIAL_RESPONSE ? said : NGX_DONE;
}

static void free_detector(void *detector)
{
    t1053_detector_free(detector);
}

static void *create_main_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(main_conf_t));
}

/* The directive: the first one makes the detector of this configuration. */
static char *set_location(ngx_conf_t *cf, ngx_command_t *command, void *unused)
{
    main_conf_t *conf =
        ngx_http_conf_get_module_main_conf(cf, ngx_http_t1053_module);
    ngx_http_core_loc_conf_t *location =
        ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    ngx_pool_cleanup_t *cleanup;
    t1053_status status;
    (void) command;
    (void) unused;
    location->handler = handle;
    if (conf->detector != NULL)
        return NGX_CONF_OK;
    cleanup = ngx_pool_cleanup_add(cf->pool, 0);
    if (cleanup == NULL)
        return NGX_CONF_ERROR;
    status = t1053_detector_new(&conf->detector);
    if (status != T1053_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "t1053: %s",
                           t1053_status_name(status));
        return NGX_CONF_ERROR;
    }
    cleanup->handler = free_detector;
    cleanup->data = conf->detector;
    return NGX_CONF_OK;
}

static ngx_int_t init_process(ngx_cycle_t *cycle)
{
    main_conf_t *conf =
        ngx_http_cycle_get_module_main_conf(cycle, ngx_http_t1053_module);
    t1053_status status;
    if (conf == NULL || conf->detector == NULL)
        return NGX_OK;
    status = t1053_scanner_new(conf->detector, NULL, &conf->scanner);
    if (status == T1053_OK)
        return NGX_OK;
    ngx_log_error(NGX_LOG_EMERG, cycle->log, 0, "t1053: %s",
                  t1053_status_name(status));
    return NGX_ERROR;
}

static void exit_process(ngx_cycle_t *cycle)
{
    main_conf_t *conf =
        ngx_http_cycle_get_module_main_conf(cycle, ngx_http_t1053_module);
    if (conf != NULL)
        t1053_scanner_free(conf->scanner);
}

static ngx_command_t commands[] = {
    { ngx_string("t1053"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS, set_location,
      NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },
    ngx_null_command
};

static ngx_http_module_t context = {
    NULL, NULL, create_main_conf, NULL, NULL, NULL, NULL, NULL
};

ngx_module_t ngx_http_t1053_module = {
    NGX_MODULE_V1,
    &context, commands, NGX_HTTP_MODULE,
    NULL, NULL, init_process, NULL, NULL, exit_process, NULL,
    NGX_MODULE_V1_PADDING
};
