#include "CCurl.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "initialise.h"

typedef struct {
    const char *bytes;
    size_t left;
} Letter;

static size_t read_letter(char *buffer, size_t size, size_t count, void *user_data) {
    Letter *letter = user_data;
    size_t room = size * count;
    size_t length = letter->left < room ? letter->left : room;
    memcpy(buffer, letter->bytes, length);
    letter->bytes += length;
    letter->left -= length;
    return length;
}

// curl_global_init(3): not safe to run twice at once in every build of libcurl.
static pthread_once_t once = PTHREAD_ONCE_INIT;
static void initialise(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }
void cc_initialise(void) { pthread_once(&once, initialise); }

static CSStatus report(CURLcode code, const char *reason, CSError *error) {
    char text[CURL_ERROR_SIZE + 32];
    snprintf(text, sizeof text, "%s (libcurl %d)", reason[0] ? reason : curl_easy_strerror(code), (int)code);
    return cs_report(error, code == CURLE_OUT_OF_MEMORY ? CSOutOfMemory : CSFailed, text);
}

CSStatus cc_send_mail(const char *url, int requireTLS, const char *authorities, const char *user, const char *password,
                      const char *sender, const char *recipient, const char *message, size_t length,
                      long timeoutSeconds, CSError *error) {
    cc_initialise();
    CURL *curl = curl_easy_init();
    char reason[CURL_ERROR_SIZE] = "";
    CURLcode code = CURLE_FAILED_INIT;
    struct curl_slist *recipients = curl_slist_append(NULL, recipient);
    Letter letter = {message, length};
    if (curl && recipients) {
        curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);  // no SIGALRM in a program with threads
        curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
        curl_easy_setopt(curl, CURLOPT_PROXY, "");  // what the environment says of web proxies is not meant here
        curl_easy_setopt(curl, CURLOPT_URL, url);
        curl_easy_setopt(curl, CURLOPT_USE_SSL, requireTLS ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_TRY);
        if (authorities) curl_easy_setopt(curl, CURLOPT_CAINFO, authorities);
        if (user) curl_easy_setopt(curl, CURLOPT_USERNAME, user);
        if (password) curl_easy_setopt(curl, CURLOPT_PASSWORD, password);
        curl_easy_setopt(curl, CURLOPT_MAIL_FROM, sender);
        curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
        curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_letter);
        curl_easy_setopt(curl, CURLOPT_READDATA, &letter);
        curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 10L);
        curl_easy_setopt(curl, CURLOPT_TIMEOUT, timeoutSeconds);
        code = curl_easy_perform(curl);
    }
    curl_slist_free_all(recipients);
    if (curl) curl_easy_cleanup(curl);
    if (code == CURLE_OK) return CSSucceeded;
    return report(code, reason, error);
}
