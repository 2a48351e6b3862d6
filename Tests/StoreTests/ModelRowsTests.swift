import Clinic
import Foundation
import Store
import Testing

@Suite struct ModelRowsTests {
    private static func model(_ number: Int) -> InstalledModel {
        InstalledModel(
            name: "Réseau \(number)", version: "1.\(number)", checksum: String(repeating: "\(number)", count: 64),
            metricsJSON: #"{"accuracy":0.98}"#, installedAt: moment(Double(number)), installedBy: UserID())
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a network is installed once`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let (first, second) = (Self.model(1), Self.model(2))
            let same = InstalledModel(
                name: "x", version: "y", checksum: first.checksum, metricsJSON: "{}", installedAt: moment(9),
                installedBy: nil)
            try await database.write { transaction in
                try transaction.insert(first)
                try transaction.insert(second)
            }
            let error = await #expect(throws: ClinicError.self) { try await database.write { try $0.insert(same) } }
            #expect(error?.code == .duplicate && error?.field == "checksum")
            try await database.write { transaction in
                #expect(try transaction.installedModels() == [second, first])
                #expect(try transaction.installedModel(first.id) == first)
                try transaction.deleteInstalledModel(first.id)
                #expect(try transaction.installedModel(first.id) == nil)
                try transaction.insert(same)
                #expect(try transaction.installedModel(same.id) == same)
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `activations are numbered without a gap, also many at once, and the newest is active`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let model = Self.model(1)
            try await database.write { transaction in
                try transaction.insert(model)
                #expect(try transaction.activeModel() == nil)
            }
            let made = try await racing(8) { index in
                try await database.write {
                    try $0.activate(
                        index % 2 == 0 ? model.id : nil, by: nil, reason: "\(index)", at: moment(Double(index)))
                }
            }
            #expect(made.map(\.sequence).sorted() == Array(1...8))
            let history = made.sorted { $0.sequence > $1.sequence }
            try await database.read { transaction throws in
                #expect(try transaction.modelActivations(limit: 9) == history)
                #expect(try transaction.modelActivations(limit: 2) == Array(history.prefix(2)))
                #expect(try transaction.activeModel() == history.first)
            }
            let unknown = await #expect(throws: ClinicError.self) {
                try await database.write {
                    try $0.activate(InstalledModelID(), by: nil, reason: "", at: moment(0))
                }
            }
            #expect(unknown?.code == .notFound)
            try await database.write { try $0.deleteInstalledModel(model.id) }
            #expect(try await database.read { try $0.modelActivations(limit: 9) } == history)
        }
    }
}
