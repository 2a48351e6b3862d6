/// Several pieces of work at once, results in the order of the inputs.
enum OrderedTasks {
    /// At most `width` inputs are in work or waiting to be delivered, so memory does not grow with the number of inputs.
    /// - Parameters:
    ///   - next: The next input, or `nil` at the end.
    ///   - width: At least 1.
    ///   - transform: The work, run for several inputs at once.
    ///   - deliver: Takes each result, in order.
    /// - Throws: What `transform` or `deliver` throws; work that has begun is cancelled.
    static func run<Input: Sendable, Output: Sendable>(
        next: () -> Input?, width: Int, transform: @escaping @Sendable (Input) async throws -> Output,
        deliver: (Output) throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: (Int, Output).self) { group in
            var begun = 0
            var delivered = 0
            var waiting: [Int: Output] = [:]
            func begin() {
                guard let input = next() else { return }
                let number = begun
                begun += 1
                group.addTask { (number, try await transform(input)) }
            }
            for _ in 0..<width { begin() }
            while let (number, output) = try await group.next() {
                waiting[number] = output
                while let output = waiting.removeValue(forKey: delivered) {
                    try deliver(output)
                    delivered += 1
                    begin()
                }
            }
        }
    }
}
