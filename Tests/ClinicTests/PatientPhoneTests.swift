import Clinic
import Testing

@Suite struct PatientPhoneTests {
    @Test(arguments: [
        ("+91 98765 43210", "+919876543210"), ("(044) 1234-5678", "04412345678"), ("+91‑44‑12 34 56", "+9144123456"),
        ("+९१ ९८७६५ ४३२१०", "+919876543210"), ("௯௮௭௬௫௪௩௨௧௦", "9876543210"), ("112 233", "112233"),
    ]) func `reads numbers as people write them`(typed: String, expected: String) throws {
        let phone = try PatientPhone.read(typed, isForDoctor: true, isForMessages: false)
        #expect(phone == PatientPhone(number: expected, isForDoctor: true, isForMessages: false))
    }

    @Test(arguments: [
        ("12345", true, false), ("+1234567890123456", true, false), ("98765 4321x", true, false), ("+", true, false),
        ("1+234567", true, false), ("½½½½½½", true, false), ("9876543210", true, true), ("9876543210", false, true),
        ("+919876543210", false, false), ("", true, false), (" ", false, true),
    ]) func `refuses what is no number, and a number that nobody may use`(typed: String, doctor: Bool, messages: Bool) {
        #expect {
            _ = try PatientPhone.read(typed, isForDoctor: doctor, isForMessages: messages)
        } throws: { isError(.invalid, "phone")($0) }
    }

    @Test func `takes no number for none`() throws {
        #expect(try PatientPhone.read(" ", isForDoctor: false, isForMessages: false) == nil)
    }
}
