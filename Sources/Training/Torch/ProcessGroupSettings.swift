/// Where a process stands among those that train together, as PyTorch's launchers tell it: `RANK`, `WORLD_SIZE`, `MASTER_ADDR` and
/// `MASTER_PORT`.
public struct ProcessGroupSettings: Sendable, Equatable {
    /// The number of this process, from 0.
    public let rank: Int
    /// How many processes there are, at least 2.
    public let size: Int
    /// Name or address of the machine of process 0, as all of them reach it.
    public let address: String
    /// The port that process 0 listens at.
    public let port: Int

    /// How many processes may train together.
    public static let sizes = 1...1024

    /// Reads the four variables.
    /// - Returns: Nil where neither `RANK` nor `WORLD_SIZE` is set, or where there is one process only.
    /// - Throws: `TrainingError` naming the variable that is missing or cannot be.
    public static func read(_ environment: [String: String]) throws -> ProcessGroupSettings? {
        guard environment["RANK"] != nil || environment["WORLD_SIZE"] != nil else { return nil }
        func value(_ name: String) throws -> String {
            if let value = environment[name], !value.isEmpty { return value }
            let other = environment["RANK"] == nil ? "WORLD_SIZE" : "RANK"
            throw TrainingError(
                .configuration,
                "\(other) is set and \(name) is not; training over several processes needs RANK, WORLD_SIZE, MASTER_ADDR and "
                    + "MASTER_PORT, and training in one needs neither RANK nor WORLD_SIZE")
        }
        func number(_ name: String, _ range: ClosedRange<Int>) throws -> Int {
            let text = try value(name)
            guard let number = Int(text), range.contains(number) else {
                throw TrainingError(
                    .configuration,
                    "\(name) is \"\(text)\"; it is a whole number from \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
        let size = try number("WORLD_SIZE", sizes)
        let rank = try value("RANK")
        guard let rank = Int(rank), (0..<size).contains(rank) else {
            throw TrainingError(
                .configuration,
                "RANK is \"\(rank)\"; with WORLD_SIZE \(size) it is a whole number from 0 to \(size - 1)")
        }
        guard size > 1 else { return nil }
        return ProcessGroupSettings(
            rank: rank, size: size, address: try value("MASTER_ADDR"), port: try number("MASTER_PORT", 1...65535))
    }
}
