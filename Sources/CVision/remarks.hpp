#pragma once

namespace cvision {

/// Keeps a line that a library says of the image that this thread reads, if they are kept. Throws nothing and takes no memory, as
/// it is called from the middle of C libraries.
void remark(const char *library, const char *text) noexcept;

}  // namespace cvision
