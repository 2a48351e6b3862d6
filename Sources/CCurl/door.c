#include "door.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "CCurl.h"

// IANA's registries of special-purpose addresses: everything that is not of the public Internet.
static int is_private_4(const uint8_t *a) {
    return a[0] == 0 || a[0] == 10 || a[0] == 127 || a[0] >= 224 || (a[0] == 100 && (a[1] & 0xC0) == 64) ||
           (a[0] == 169 && a[1] == 254) || (a[0] == 172 && (a[1] & 0xF0) == 16) || (a[0] == 192 && a[1] == 168) ||
           (a[0] == 192 && a[1] == 0 && (a[2] == 0 || a[2] == 2)) || (a[0] == 192 && a[1] == 88 && a[2] == 99) ||
           (a[0] == 198 && (a[1] & 0xFE) == 18) ||
           (a[0] == 198 && a[1] == 51 && a[2] == 100) || (a[0] == 203 && a[1] == 0 && a[2] == 113);
}

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

static int is_private_6(const uint8_t *a) {
    static const uint8_t translated[12] = {0, 0x64, 0xFF, 0x9B};
    if (memcmp(a, mapped, 12) == 0 || memcmp(a, translated, 12) == 0) return is_private_4(a + 12);
    // Global unicast is 2000::/3 (RFC 4291); of it, 2001::/23 is for protocols (Teredo carries any address of IPv4), 2001:db8::/32
    // and 3fff::/20 are for documents, 2002::/16 carries any address of IPv4.
    if ((a[0] & 0xE0) != 0x20) return 1;
    if (a[0] == 0x3F) return a[1] == 0xFF && (a[2] & 0xF0) == 0;
    if (a[0] != 0x20) return 0;
    return a[1] == 0x02 || (a[1] == 0x01 && ((a[2] & 0xFE) == 0 || (a[2] == 0x0D && a[3] == 0xB8)));
}

// What a numeric address is, however it is written. One of IPv4 is held as that of IPv6 that it is mapped to (RFC 4291, 2.5.5.2).
typedef struct {
    uint8_t bytes[16];
    uint32_t zone;  // of an address of a link (RFC 4007); 0 where none is said
} Address;

static void take_4(Address *address, const void *bytes) {
    memcpy(address->bytes, mapped, 12);
    memcpy(address->bytes + 12, bytes, 4);
    address->zone = 0;
}

static void take_6(Address *address, const void *bytes, uint32_t zone) {
    memcpy(address->bytes, bytes, 16);
    // Only where an address is of a link the same bytes mean another one in another zone.
    address->zone = address->bytes[0] == 0xFE && (address->bytes[1] & 0xC0) == 0x80 ? zone : 0;
}

static uint32_t zone_of(const char *text) {
    char *end = NULL;
    const unsigned long number = strtoul(text, &end, 10);
    if (*text >= '0' && *text <= '9' && *end == 0 && number > 0 && number < UINT32_MAX) return (uint32_t)number;
    const uint32_t known = if_nametoindex(text);
    return known ? known : UINT32_MAX;  // one that is not there is that of no address
}

// Reads `length` bytes: with square brackets or without, in any of the forms of RFC 4291, 2.2, with a zone or without, whose sign
// may be escaped as in a URL (RFC 6874).
static int read_address(const char *text, size_t length, Address *address) {
    char copy[INET6_ADDRSTRLEN + IF_NAMESIZE + 4], bytes[16];
    if (length > 2 && text[0] == '[' && text[length - 1] == ']') {
        text += 1;
        length -= 2;
    }
    if (length >= sizeof copy) return 0;
    memcpy(copy, text, length);
    copy[length] = 0;
    if (inet_pton(AF_INET, copy, bytes) == 1) {
        take_4(address, bytes);
        return 1;
    }
    char *zone = strchr(copy, '%');
    if (zone) *zone++ = 0;
    if (inet_pton(AF_INET6, copy, bytes) != 1 || (zone && !*zone)) return 0;
    if (zone && strncmp(zone, "25", 2) == 0 && zone[2]) zone += 2;
    take_6(address, bytes, zone ? zone_of(zone) : 0);
    return 1;
}

static int is_private(const Address *address) { return is_private_6(address->bytes); }

static int is_named(const char *list, const Address *address) {
    for (const char *at = list; *at;) {
        const size_t word = strcspn(at, " ");
        Address named;
        if (read_address(at, word, &named) && memcmp(named.bytes, address->bytes, sizeof named.bytes) == 0 &&
            (named.zone == 0 || address->zone == 0 || named.zone == address->zone)) {
            return 1;
        }
        at += word + strspn(at + word, " ");
    }
    return 0;
}

curl_socket_t cc_open_socket(void *user_data, curlsocktype purpose, struct curl_sockaddr *address) {
    CCDoor *door = user_data;
    (void)purpose;
    Address known;
    int is_open = door->allowed == NULL;
    if (!is_open && address->family == AF_INET) {
        const struct sockaddr_in *four = (const void *)&address->addr;
        take_4(&known, &four->sin_addr);
    } else if (!is_open && address->family == AF_INET6) {
        const struct sockaddr_in6 *six = (const void *)&address->addr;
        take_6(&known, &six->sin6_addr, six->sin6_scope_id);
    }
    if (!is_open && (address->family == AF_INET || address->family == AF_INET6)) {
        is_open = (!is_private(&known) && !door->namedOnly) || is_named(door->allowed, &known);
    }
    if (!is_open) {
        door->refused = 1;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

int cc_address_is_private(const char *address) {
    Address known;
    return read_address(address, strlen(address), &known) ? is_private(&known) : -1;
}

int cc_address_is_here(const char *address) {
    static const uint8_t here[16] = {[15] = 1};
    Address known;
    if (!read_address(address, strlen(address), &known)) return -1;
    return memcmp(known.bytes, here, 16) == 0 || (memcmp(known.bytes, mapped, 12) == 0 && known.bytes[12] == 127);
}

int cc_address_is_named(const char *allowed, const char *address) {
    Address known;
    return read_address(address, strlen(address), &known) ? is_named(allowed, &known) : -1;
}

struct curl_slist *cc_list_of(const char *fields) {
    struct curl_slist *list = NULL;
    char *copy = strdup(fields), *rest = NULL;
    for (char *line = copy ? strtok_r(copy, "\n", &rest) : NULL; line; line = strtok_r(NULL, "\n", &rest)) {
        struct curl_slist *longer = curl_slist_append(list, line);
        if (!longer) {
            curl_slist_free_all(list);
            list = NULL;
            break;
        }
        list = longer;
    }
    free(copy);
    return list;
}
