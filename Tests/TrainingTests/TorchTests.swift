import Testing

/// The suites that compute with libtorch, one test after another: its number of threads belongs to the whole process, and
/// sums over another number of threads are rounded differently.
@Suite(.serialized) enum TorchTests {}
