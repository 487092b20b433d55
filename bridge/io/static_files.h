// The web pages and the official client bundle, read from disk and kept in memory.
//
// Purity:    reads files below the two folders
// Ownership: static_files_create/destroy; a found file's views are valid until the next find
// Errors:    NOT_FOUND for anything that is no file there; a path can never lead out of its folder
// Source:    docs/PROTOCOL.md, HTTP; RFC 9110 (ETag, 304, codings); the bundle's answers as those of
//            the reference server
#ifndef LOTCAST_BRIDGE_STATIC_FILES_H
#define LOTCAST_BRIDGE_STATIC_FILES_H

#include "bridge/http/http_coding.h"
#include "lib/base/bytes.h"
#include "lib/base/error_code.h"
#include "lib/base/status.h"

enum { STATIC_FILES_MAX = 512, STATIC_FILE_SIZE_MAX = 16 * 1024 * 1024 };

struct static_files;

enum { STATIC_FILE_ETAG_SIZE = 40 };

struct static_file {
    struct bytes body; // in `coding`
    enum http_coding coding;
    bool has_codings; // the answer depends on what the client accepts
    const char *content_type;
    const char *etag; // with its quotes; of a bundle file its version
    bool is_page;
    bool is_bundle;
};

// Either folder may be NULL: nothing is served from it.
LC_MUST_CHECK enum lc_status static_files_create(const char *web_dir, const char *bundle_dir,
                                                 struct static_files **out_files);
void static_files_destroy(struct static_files *files);

// `path` begins with '/'. The body comes in the best coding of the client's Accept-Encoding that
// makes it smaller.
LC_MUST_CHECK enum error_code static_files_find(struct static_files *files, struct bytes path,
                                                struct bytes accept_encoding,
                                                struct static_file *out_file);

// Appends the lines that go with every answer about the file: validators, caching, coding.
void static_file_append_headers(const struct static_file *file, struct buffer *out);

// True when an If-None-Match header names the tag, weak or strong.
bool static_file_is_known(const struct static_file *file, struct bytes if_none_match);

#endif
