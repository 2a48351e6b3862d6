import Clinic

/// What lies on the disk of the archive; survives the death of every node.
final class SimulatedDisk: @unchecked Sendable {
    var files: [String: [UInt8]] = [:]
    /// With `PlantedFault.rowBeforeFile`: what is not on the disk yet, and by whose hand.
    var unwritten: [(key: String, bytes: [UInt8], node: SimulatedNode)] = []

    func reset() { (files, unwritten) = ([:], []) }
}

/// The archive as one node sees it: refuses, says that it refused what it did, or dies with its node.
struct SimulatedArchive: ImageArchive {
    let node: SimulatedNode
    let disk: SimulatedDisk
    private var world: World { node.world }

    func store(_ bytes: [UInt8], at key: String) async throws {
        try await begin()
        if world.fault == .rowBeforeFile {
            return disk.unwritten.append((key, bytes, node))
        }
        disk.files[key] = bytes
        try await end()
    }

    func bytes(at key: String) async throws -> [UInt8] {
        try await begin()
        guard let bytes = disk.files[key] else { throw ClinicError(.notFound, "errors.stored.noFile") }
        try await end()
        // Whoever asked hashes them next, on a thread of its own.
        SeededExecutor.shared.mayOffload = true
        return bytes
    }

    func remove(_ key: String) async throws {
        try await begin()
        let removed = key.hasSuffix("/") ? disk.files.keys.filter { $0.hasPrefix(key) } : [key]
        for file in removed.sorted() where disk.files.removeValue(forKey: file) != nil {
            world.ledger.removed(file, by: node)
        }
        try await end()
    }

    func keys(under prefix: String) async throws -> [String] {
        try await begin()
        return disk.files.keys.filter { $0.hasPrefix(prefix) }.sorted()
    }

    private func begin() async throws {
        try await node.step()
        flush()
        if world.isAway(.archive) || world.isStormy && world.draw(world.weather.archiveFaults) { throw Self.refusal }
        try await node.mayDie()
    }

    private func end() async throws {
        try await node.mayDie()
        if world.isStormy, world.draw(world.weather.archiveFaults) { throw Self.refusal }
    }

    /// The planted fault writes late: at the node's next call, or never when it died before.
    private func flush() {
        for (key, bytes, writer) in disk.unwritten where !writer.isDead { disk.files[key] = bytes }
        disk.unwritten = []
    }

    static var refusal: ClinicError { ClinicError(.storage, fault: "The simulated disk refused.") }
}
