#include "CStatus.h"

#include <stdio.h>

CSStatus cs_report(const CSError *error, CSStatus status, const char *text) {
    if (error != NULL && error->capacity > 0) snprintf(error->text, error->capacity, "%s", text);
    return status;
}
