import Foundation

/// An entry whose every field holds to the rules.
public struct CheckedDoctorEntry: Sendable, Equatable {
    let name: String
    let qualifications: String
    let registrationNumber: String
    let council: String
    let specialties: [Specialty]
    let languages: [String]
    let practiceSince: Int
    var clinic: ClinicAddress
    let fee: Fee?
    let phone: String
    let email: String
    let website: String
    let about: String
    let seesChildren: Bool
    let openingHours: OpeningHours?

    /// A new entry.
    func doctor(of user: UserID?, status: Doctor.Status, now: Date) -> Doctor {
        Doctor(
            userID: user, name: name, qualifications: qualifications, registrationNumber: registrationNumber,
            council: council, specialties: specialties, languages: languages, practiceSince: practiceSince,
            clinic: clinic, fee: fee, phone: phone, email: email, website: website, about: about,
            seesChildren: seesChildren, openingHours: openingHours ?? OpeningHours(), status: status, createdAt: now,
            updatedAt: now)
    }

    /// The entry with what was typed in place of what stood there; its status and time stay.
    func applied(to doctor: Doctor) -> Doctor {
        var doctor = doctor
        doctor.name = name
        doctor.qualifications = qualifications
        doctor.registrationNumber = registrationNumber
        doctor.council = council
        doctor.specialties = specialties
        doctor.languages = languages
        doctor.practiceSince = practiceSince
        doctor.clinic = clinic
        doctor.fee = fee
        doctor.phone = phone
        doctor.email = email
        doctor.website = website
        doctor.about = about
        doctor.seesChildren = seesChildren
        doctor.openingHours = openingHours ?? doctor.openingHours
        return doctor
    }
}

extension DoctorEntry {
    /// The entry as it is kept.
    ///
    /// - Parameter now: The year of practice may not lie behind it.
    /// - Throws: `DoctorEntryProblems` with everything that is wrong.
    public func checked(now: Date) throws -> CheckedDoctorEntry {
        var problems: [ClinicError] = []
        func kept<Value>(_ rule: () throws -> Value) throws -> Value? {
            do { return try rule() } catch let error as ClinicError {
                problems.append(error)
                return nil
            }
        }
        let line = DirectoryRules.line
        let name = try kept { try line(self.name, "name", 2...100, "errors.directory.missing.name") }
        let qualifications = try kept {
            try line(self.qualifications, "qualifications", 2...300, "errors.directory.missing.qualifications")
        }
        let council = try kept {
            try line(self.council, "council", 2...150, "errors.directory.missing.council")
        }
        let number = try kept { try DirectoryRules.registrationNumber(self.registrationNumber) }
        let specialties = try kept { try DirectoryRules.specialties(self.specialties) }
        let languages = try kept { try DirectoryRules.languages(self.languages) }
        let since = try kept { try DirectoryRules.practiceSince(self.practiceSince, now: now) }
        let clinic = try checkedClinic { problems.append($0) }
        let fee = try kept { try DirectoryRules.fee(self.fee, currency: self.currency) }
        let phone = try kept { try DirectoryRules.phone(self.phone) }
        let email = try kept { try DirectoryRules.email(self.email) }
        let website = try kept { try DirectoryRules.website(self.website) }
        let about = try kept { try DirectoryRules.about(self.about) }
        _ = try kept { try openingHours?.check() }
        guard problems.isEmpty, let name, let qualifications, let council, let number, let specialties, let languages,
            let since, let clinic, let fee, let phone, let email, let website, let about
        else { throw DoctorEntryProblems(problems) }
        return CheckedDoctorEntry(
            name: name, qualifications: qualifications, registrationNumber: number, council: council,
            specialties: specialties, languages: languages, practiceSince: since, clinic: clinic, fee: fee,
            phone: phone, email: email, website: website, about: about, seesChildren: seesChildren,
            openingHours: openingHours)
    }

    private func checkedClinic(_ report: (ClinicError) -> Void) throws -> ClinicAddress? {
        func kept<Value>(_ rule: () throws -> Value) throws -> Value? {
            do { return try rule() } catch let error as ClinicError {
                report(error)
                return nil
            }
        }
        let line = DirectoryRules.line
        let name = try kept { try line(self.clinicName, "clinicName", 2...150, "errors.directory.missing.clinic") }
        let street = try kept { try line(self.street, "street", 2...200, "errors.directory.missing.street") }
        let city = try kept { try line(self.city, "city", 1...100, "errors.directory.missing.city") }
        let country = try kept { try DirectoryRules.country(self.countryCode) }
        let position = try kept { try DirectoryRules.position(self.position) }
        let zone = try kept { try DirectoryRules.timeZone(self.timeZone) }
        guard let name, let street, let city, let country, let position, let zone else { return nil }
        return ClinicAddress(
            name: name, street: street, city: city, countryCode: country, position: position, timeZone: zone)
    }
}
