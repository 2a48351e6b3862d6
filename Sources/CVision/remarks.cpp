#include "remarks.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstring>

#include "cv_remarks.h"

namespace {

/// The remarks of a thread.
struct Remarks {
    static constexpr int most = 4;
    static constexpr size_t length = 160;

    bool isKept = false;
    int count = 0;
    char lines[most][length + 1] = {};

    /// Copies what is fit for a log: printable ASCII, nothing in quotation marks.
    static void clean(char *line, const char *text) {
        size_t used = std::strlen(line);
        char before = ' ';
        for (; *text != 0 && used < length; before = *text++) {
            const auto byte = static_cast<unsigned char>(*text);
            line[used++] = byte >= 0x20 && byte < 0x7F ? *text : '?';
            const bool opens = *text == '"' || (*text == '\'' && !std::isalnum(static_cast<unsigned char>(before)));
            if (!opens) continue;
            const char *end = std::strchr(text + 1, *text);
            if (end == nullptr) break;
            if (used < length) line[used++] = *text;
            text = end;
        }
        while (used > 0 && line[used - 1] == ' ') --used;
        line[used] = 0;
    }

    void add(const char *library, const char *text) {
        if (!isKept || count == most) return;
        char *line = lines[count];
        std::snprintf(line, length + 1, "%s: ", library);
        clean(line, text);
        for (int i = 0; i < count; ++i)
            if (std::strcmp(lines[i], line) == 0) return;
        ++count;
    }
};

thread_local Remarks remarks;

}  // namespace

void cvision::remark(const char *library, const char *text) noexcept { remarks.add(library, text); }

extern "C" void cv_remarks_begin(void) {
    remarks.isKept = true;
    remarks.count = 0;
}

extern "C" void cv_remarks_end(char *text, size_t capacity) {
    size_t used = 0;
    if (capacity > 0) text[0] = 0;
    for (int i = 0; i < remarks.count && used + 1 < capacity; ++i) {
        const int written = std::snprintf(text + used, capacity - used, "%s\n", remarks.lines[i]);
        used += std::min(capacity - used - 1, static_cast<size_t>(written));
    }
    remarks.isKept = false;
    remarks.count = 0;
}
