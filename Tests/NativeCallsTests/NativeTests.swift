import CStatus
import NativeCalls
import Testing

struct NativeTests {
    struct Failure: Error, Equatable {
        let status: CSStatus
        let text: String
    }

    private func call(_ status: CSStatus, _ text: String) throws(Failure) {
        try Native.call {
            cs_report($0, status, text)
        } orThrow: {
            Failure(status: $0, text: $1)
        }
    }

    @Test func `a function that succeeds throws nothing`() throws {
        try call(CSSucceeded, "not to be read")
    }

    @Test(arguments: [CSRefused, CSNotFinite, CSOutOfMemory, CSFailed, CSUnreachable])
    func `a failure brings its status and its text`(status: CSStatus) {
        #expect(throws: Failure(status: status, text: "größer als erlaubt")) { try call(status, "größer als erlaubt") }
    }

    @Test func `a text that is too long is cut to fit and still ends`() throws {
        let long = String(repeating: "é", count: 5_000)
        let failure = try #require(throws: Failure.self) { try call(CSFailed, long) }
        let kept = failure.text.prefix { $0 == "é" }
        #expect(kept.count > 100)
        #expect(failure.text.count <= kept.count + 1, "at most the last character is cut in two")
    }

    @Test func `a caller without room for a text still gets the status`() {
        #expect(cs_report(nil, CSRefused, "nobody reads this") == CSRefused)
        var empty = CSError(text: nil, capacity: 0)
        #expect(cs_report(&empty, CSOutOfMemory, "nor this") == CSOutOfMemory)
    }
}
