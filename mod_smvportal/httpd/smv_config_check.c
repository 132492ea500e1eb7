/* SPDX-License-Identifier: Apache-2.0
 *
 * What is wrong with the configuration of a virtual host, and what is made of it once.
 */
#include "smv_config.h"

#include <apr_strings.h>
#include <http_log.h>

#include "../core/smv_route.h"
#include "../port/smv_sendmail.h"

APLOG_USE_MODULE(smvportal);

static int complain(server_rec *server, const smv_error_t *error)
{
    ap_log_error(APLOG_MARK, APLOG_EMERG, 0, server, "SMV0%d: %s", error->code, error->detail);
    return HTTP_INTERNAL_SERVER_ERROR;
}

static const smv_error_t *check_said(const smv_config_t *config, apr_pool_t *pool)
{
    if (config->sendmail && !config->mail_from) {
        return smv_error(pool, SMV_ERROR_CONFIGURATION, "SmvPortalSendmail needs SmvPortalMailFrom");
    }
    return config->session_idle <= config->session_absolute
               ? NULL
               : smv_error(pool, SMV_ERROR_CONFIGURATION,
                           "SmvPortalSessionIdle (%d) is longer than SmvPortalSessionAbsolute (%d)",
                           config->session_idle, config->session_absolute);
}

static const smv_error_t *check_paths(const smv_config_t *config, apr_pool_t *pool)
{
    const struct {
        const char *name, *path;
        apr_filetype_e type;
    } paths[] = {
        {"SmvPortalDatabase", config->database, APR_REG},
        {"SmvPortalDocuments", config->documents, APR_DIR},
        {"SmvPortalTemplates", config->templates_folder, APR_DIR},
        {"SmvPortalTemplateOverlay", config->overlay, APR_DIR},
        {"SmvPortalLocale", config->locale, APR_DIR},
        {"SmvPortalAssets", config->assets, APR_DIR},
    };

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        apr_finfo_t info;

        if (paths[i].path &&
            (apr_stat(&info, paths[i].path, APR_FINFO_TYPE, pool) != APR_SUCCESS || info.filetype != paths[i].type)) {
            return smv_error(pool, SMV_ERROR_CONFIGURATION, "%s %s: %s%s", paths[i].name, paths[i].path,
                             paths[i].type == APR_DIR ? "no such folder" : "no such file",
                             i == 0 ? "; make it with: smvportalctl create-database FILE" : "");
        }
    }
    return NULL;
}

static const smv_error_t *check_portal(smv_config_t *config, apr_pool_t *pool)
{
    smv_templates_config_t templates;
    smv_buffer_t openapi;
    const smv_error_t *error;

    if ((error = smv_config_complete(config, pool)) || (error = check_said(config, pool)) || smv_config_is_dumped()) {
        return error;
    }
    if ((error = smv_routes_check(smv_routes, smv_route_count, pool)) || (error = check_paths(config, pool)) ||
        (error = smv_directories_check(config, pool))) {
        return error;
    }
    templates = (smv_templates_config_t){config->templates_folder, config->overlay, config->locale};
    if ((error = smv_templates_load(&config->templates, &templates, pool)) || (error = smv_child_check(config, pool))) {
        return error;
    }
    if (config->sendmail && (error = smv_sendmail_create(&config->mailer, config->sendmail, config->mail_from, pool))) {
        return error;
    }
    smv_buffer_init(&openapi, 1 << 15, 1 << 22, pool);
    config->limits = (smv_limits_t){.upload_size = (apr_int64_t)config->upload_max_size * 1000000,
                                    .upload_files = config->upload_max_files,
                                    .upload_types = config->upload_types,
                                    .undo_time = config->undo_time,
                                    .map_url = config->map_url,
                                    .has_second_factor = strcasecmp(config->second_factor, "On") == 0};
    smv_openapi(&openapi, apr_pstrcat(pool, config->base, "/api/v1", NULL), pool);
    smv_buffer_write(&openapi, "", 1);
    config->openapi = openapi.data;
    return openapi.is_failed ? smv_error(pool, SMV_ERROR_INTERNAL, "the OpenAPI document passed its limit") : NULL;
}

int smv_config_check(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *server)
{
    (void)plog, (void)ptemp;
    for (server_rec *host = server; host; host = host->next) {
        smv_config_t *config = smv_config_of(host);

        /* a virtual host without a directive of its own shares the main server's settings */
        if (config->is_enabled == 1 && !config->openapi) {
            const smv_error_t *error = check_portal(config, pconf);

            if (error) {
                return complain(host, error);
            }
        }
    }
    return OK;
}
