#pragma once

// Makes libcurl ready, once for the process.
void cc_initialise(void);
