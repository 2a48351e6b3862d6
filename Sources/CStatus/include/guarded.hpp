#pragma once

#include <new>
#include <stdexcept>

#include "CStatus.h"

namespace cstatus {

/// Thrown where a result is NaN or infinite.
struct NotFinite : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Thrown where another process or machine ended or cannot be reached.
struct Unreachable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Runs `body` so that no exception crosses into Swift, where it would end the process.
///
/// `std::invalid_argument` is the caller's mistake, `NotFinite`, `Unreachable` and `std::bad_alloc` are what they say, and any
/// other exception is a failure of the library.
template <typename Body> CSStatus guarded(const CSError *error, Body &&body) noexcept {
    try {
        body();
        return CSSucceeded;
    } catch (const std::invalid_argument &exception) {
        return cs_report(error, CSRefused, exception.what());
    } catch (const NotFinite &exception) {
        return cs_report(error, CSNotFinite, exception.what());
    } catch (const Unreachable &exception) {
        return cs_report(error, CSUnreachable, exception.what());
    } catch (const std::bad_alloc &) {
        return cs_report(error, CSOutOfMemory, "out of memory");
    } catch (const std::exception &exception) {
        return cs_report(error, CSFailed, exception.what());
    } catch (...) {
        return cs_report(error, CSFailed, "an unknown C++ exception");
    }
}

}  // namespace cstatus
