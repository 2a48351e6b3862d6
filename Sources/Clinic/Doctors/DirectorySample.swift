import Formats

/// A list of doctors to begin with: every column, and two fictional doctors, of whom the second has only what must be there.
public enum DirectorySample {
    public static let fileName = "doctors-sample.csv"

    /// UTF-8 with a byte-order mark, without which spreadsheets take it for another encoding.
    public static var csv: String {
        let columns = DirectoryColumn.allCases
        return "\u{FEFF}"
            + CSV.table(
                [columns.map(\.rawValue)] + [full, short].map { doctor in columns.map { doctor[$0] ?? "" } })
    }

    private static let full: [DirectoryColumn: String] = [
        .name: "Dr. Asha Example", .qualifications: "MD, DM (Clinical Haematology)",
        .council: "Example Medical Council",
        .registrationNumber: "EX-0001", .specialties: "haematology|haemato-oncology", .languages: "English|Tamil|Hindi",
        .practiceSince: "2009", .clinic: "Example Blood Clinic", .street: "1 Example Road", .city: "Vellore",
        .postcode: "632001", .country: "IN", .latitude: "12.9165", .longitude: "79.1325", .timeZone: "Asia/Kolkata",
        .fee: "800", .currency: "INR", .phone: "+91 416 000 0000", .email: "asha@example.org",
        .website: "https://example.org", .about: "Replace these two lines by your own doctors.", .seesChildren: "yes",
        .openingHours: "Mon-Fri 09:00-17:00; Sat 09:00-12:00", .slotMinutes: "20",
    ]

    private static let short: [DirectoryColumn: String] = [
        .name: "Dr. Ravi Example", .qualifications: "MD (Pathology)", .council: "Example Medical Council",
        .registrationNumber: "EX-0002", .specialties: "haematopathology", .languages: "தமிழ், English",
        .practiceSince: "2015",
        .clinic: "Example Laboratory", .street: "2 Example Road", .city: "Chennai", .country: "IN",
    ]
}
