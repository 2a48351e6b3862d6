import Clinic
import Store
import Testing

@Suite struct OperatorTests {
    @Test(arguments: [
        ("", "x", "operatorName"), ("  ", "x", "operatorName"), ("A\nB", "x", "operatorName"),
        ("A\u{202E}", "x", "operatorName"), (String(repeating: "a", count: 201), "x", "operatorName"),
        ("A", "", "operatorContact"), ("A", "x\u{0}", "operatorContact"),
    ])
    func `what is no name or no contact is refused at its field`(name: String, contact: String, field: String) {
        let error = #expect(throws: ClinicError.self) { _ = try Operator(name: name, contact: contact) }
        #expect(error?.code == .invalid && error?.field == field)
    }

    @Test func `commands know whom the server was told last`() async throws {
        try await DirectoryFixture.run { fixture in
            let record = OperatorRecord(database: fixture.database)
            #expect(try await record.last() == nil)
            let named = try Operator(name: " வேலூர் மருத்துவமனை ", contact: "+91 416 123")
            #expect(named.name == "வேலூர் மருத்துவமனை")
            try await record.keep(named)
            try await record.keep(named)
            #expect(try await record.last() == named)
            try await record.keep(nil)
            #expect(try await record.last() == nil)
        }
    }
}
