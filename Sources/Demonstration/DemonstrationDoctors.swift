import Clinic
import Foundation
import Randomness

extension Demonstration {
    /// Doctors of one city.
    private static let doctorsOfCity = 16
    /// People who have visited them.
    private static let visitors = 24

    /// Adds the doctors of every city with their hours, past visits and reviews; the first one of the first city is the
    /// clinician's own entry.
    func addDoctors(clinician: User, now: Date) async throws {
        let visitors = try await addVisitors(now: now)
        for (index, city) in DemonstrationCity.all.enumerated() {
            try await database.write { [seed] transaction in
                var random = SplitMix64(seed: seed, 1, UInt64(index))
                for number in 0..<Self.doctorsOfCity {
                    let isOwn = index == 0 && number == 0
                    let account = isOwn ? clinician : Self.closedAccount("doctor-\(index)-\(number)", now: now)
                    if !isOwn { try transaction.insert(account.named(Self.doctorName(city, &random))) }
                    let doctor = Self.doctor(
                        number, of: city, account: account.id, name: isOwn ? clinician.name : nil, now: now, &random)
                    try transaction.insert(doctor)
                    try Self.addReviews(of: doctor, by: visitors, now: now, in: transaction, &random)
                    if isOwn { try Self.addHeldReview(of: doctor, by: visitors[0], now: now, in: transaction) }
                    try Booking.refreshNextFree(of: doctor.id, now: now, in: transaction)
                }
            }
        }
    }

    /// Adds a doctor of the first city who waits for an administrator.
    func addApplicant(now: Date) async throws {
        guard let city = DemonstrationCity.all.first else { return }
        var random = SplitMix64(seed: seed, 2, 0)
        let name = Self.doctorName(city, &random)
        let account = Self.closedAccount("applicant", role: .patient, now: now).named(name)
        var doctor = Self.doctor(
            Self.doctorsOfCity, of: city, account: account.id, name: name, now: now, &random)
        doctor.status = .pending
        let applicant = doctor
        try await database.write { transaction in
            try transaction.insert(account)
            try transaction.insert(applicant)
        }
    }

    /// An account that nobody can log in to: no password has this for a hash.
    private static func closedAccount(_ name: String, role: Role = .clinician, now: Date) -> User {
        User(
            email: "\(name)@demo.invalid", name: name, role: role, passwordHash: "!", isDisabled: true, createdAt: now)
    }

    private func addVisitors(now: Date) async throws -> [UserID] {
        let people = (1...Self.visitors).map { number in
            Self.closedAccount("visitor-\(number)", role: .patient, now: now).named("Demonstration Visitor \(number)")
        }
        try await database.write { transaction in
            for person in people { try transaction.insert(person) }
        }
        return people.map(\.id)
    }

    private static func doctorName(_ city: DemonstrationCity, _ random: inout SplitMix64) -> String {
        "Dr. \(city.givenNames.pick(&random)) \(city.familyNames.pick(&random))"
    }

    private static func doctor(
        _ number: Int, of city: DemonstrationCity, account: UserID, name: String?, now: Date,
        _ random: inout SplitMix64
    ) -> Doctor {
        let specialty = specialties[number % specialties.count]
        let year = Calendar(identifier: .gregorian).component(.year, from: now)
        let fee = Int64(random.next(below: city.fees.upperBound - city.fees.lowerBound + 1) + city.fees.lowerBound)
        let name = name ?? doctorName(city, &random)
        return Doctor(
            userID: account, name: name, qualifications: qualifications[specialty] ?? "MD",
            registrationNumber: "DEMO-\(city.countryCode)-\(city.name.prefix(3).uppercased())-\(100 + number)",
            council: "Fictional Medical Council",
            specialties: specialty == .haematology ? [specialty, .internalMedicine] : [specialty],
            languages: city.languages.enumerated().filter { $0.offset == 0 || random.nextUnit() < 0.5 }.map(\.element),
            practiceSince: year - 3 - random.next(below: 30),
            clinic: ClinicAddress(
                name: clinicNames.pick(&random),
                street: "\(city.streets.pick(&random)) \(1 + random.next(below: 90))", city: city.name,
                countryCode: city.countryCode, position: place(near: city.position, &random), timeZone: city.timeZone),
            fee: Fee(hundredths: fee / 10 * 1000, currency: city.currency), email: "clinic@demo.invalid",
            about: "This doctor does not exist. The entry shows how the directory works.",
            seesChildren: [.paediatrics, .paediatricHaematoOncology, .generalPractice].contains(specialty),
            openingHours: hours(&random), status: .verified, isDemonstration: true,
            createdAt: now, updatedAt: now)
    }

    /// Half of the doctors within some 9 km of the middle, all within 25.
    private static func place(near centre: GeoPosition, _ random: inout SplitMix64) -> GeoPosition {
        let kilometres = 25 * pow(random.nextUnit(), 1.5)
        let bearing = random.nextUnit() * 2 * .pi
        let north = kilometres * cos(bearing) / 111.2
        let east = kilometres * sin(bearing) / (111.2 * cos(centre.latitude * .pi / 180))
        // To 4 decimals: 11 metres.
        return GeoPosition(
            latitude: ((centre.latitude + north) * 1e4).rounded() / 1e4,
            longitude: ((centre.longitude + east) * 1e4).rounded() / 1e4)
    }

    private static func hours(_ random: inout SplitMix64) -> OpeningHours {
        let evening = random.nextUnit() < 0.3
        let days = (1...6).filter { $0 < 6 ? random.nextUnit() < 0.8 : random.nextUnit() < 0.4 }
        let weekly = (days.isEmpty ? [1, 3] : days).flatMap { day in
            [OpeningHours.Weekly(weekday: day, start: 540, end: 750)]
                + (day < 6
                    ? [OpeningHours.Weekly(weekday: day, start: evening ? 1020 : 840, end: evening ? 1200 : 1020)] : [])
        }
        return OpeningHours(weekly: weekly, slotMinutes: [20, 30, 30, 45].pick(&random))
    }

    private static let specialties: [Specialty] = [
        .haematoOncology, .haematology, .paediatricHaematoOncology, .haematology, .oncology, .haematopathology,
        .internalMedicine, .generalPractice, .paediatrics, .haematology, .generalPractice, .haematoOncology,
        .internalMedicine, .paediatrics, .haematopathology, .oncology,
    ]

    private static let qualifications: [Specialty: String] = [
        .haematoOncology: "MD, DM (Medical Oncology and Haematology)", .haematology: "MD, DM (Clinical Haematology)",
        .paediatricHaematoOncology: "MD (Paediatrics), Fellowship in Paediatric Haemato-Oncology",
        .oncology: "MD, DM (Medical Oncology)", .haematopathology: "MD (Pathology), Fellowship in Haematopathology",
        .paediatrics: "MD (Paediatrics)", .internalMedicine: "MD (Internal Medicine)",
        .generalPractice: "MBBS, Diploma in Family Medicine",
    ]

    private static let clinicNames = [
        "Banyan Tree Clinic", "Blue Door Clinic", "Two Rivers Hospital", "Sunrise Blood Centre", "Lantern Hospital",
        "Open Window Clinic", "Old Bridge Hospital", "Green Roof Clinic",
    ]
}

extension User {
    /// The same account with this name.
    func named(_ name: String) -> User {
        var user = self
        user.name = name
        return user
    }
}

extension Array {
    /// One of the elements, of which there must be some.
    func pick(_ random: inout SplitMix64) -> Element { self[random.next(below: count)] }
}
