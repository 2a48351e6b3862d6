import Clinic
import Foundation
import Store
import Testing

@Suite struct DoctorRowsTests {
    @Test(arguments: TestedDatabase.allCases)
    func `an entry comes back as it went in and is found by account and registration`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let user = User.sample(role: .clinician)
            var doctor = Doctor.sample(user: user.id)
            doctor.rating = RatingSum(stars: 14, count: 3)
            var bare = Doctor.sample(2, status: .pending, nextFreeAt: nil)
            (bare.fee, bare.photoKey, bare.languages) = (nil, nil, [])
            let (first, second) = (doctor, bare)
            try await database.write { transaction in
                try transaction.insert(user)
                try transaction.insert(first)
                try transaction.insert(second)
            }
            try await database.read { transaction throws in
                #expect(try transaction.doctor(first.id) == first)
                #expect(try transaction.doctor(second.id) == second)
                #expect(try transaction.doctor(of: user.id) == first)
                #expect(
                    try transaction.doctor(council: "KARNATAKA medical council", registrationNumber: "kmc 1") == first)
                #expect(
                    try transaction.doctor(council: "Karnataka Medical Council", registrationNumber: "KMC-3") == nil)
                #expect(try transaction.doctors([second.id, DoctorID(), first.id]) == [second, first])
                #expect(try transaction.doctors([]) == [])
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `an update leaves rating and next slot alone`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let doctor = Doctor.sample()
            try await database.write { try $0.insert(doctor) }
            var changed = doctor
            changed.name = "Dr. Ana Silva"
            changed.clinic.position = GeoPosition(latitude: -23.55, longitude: -46.63)
            changed.nextFreeAt = nil
            changed.rating = RatingSum(stars: 50, count: 10)
            let update = changed
            try await database.write { try $0.update(update) }
            changed.nextFreeAt = doctor.nextFreeAt
            changed.rating = doctor.rating
            #expect(try await database.read { try $0.doctor(doctor.id) } == changed)
            let unknown = await #expect(throws: ClinicError.self) {
                try await database.write { try $0.update(Doctor.sample(9)) }
            }
            #expect(unknown?.code == .notFound)
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a number of a council and an account are had once`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let user = User.sample(role: .clinician)
            let (first, second) = (Doctor.sample(1, user: user.id), Doctor.sample(2))
            try await database.write { transaction in
                try transaction.insert(user)
                try transaction.insert(first)
                try transaction.insert(second)
            }
            var sameNumber = Doctor.sample(3)
            sameNumber.registrationNumber = "kmc 1"
            var movedNumber = second
            movedNumber.registrationNumber = "KMC-1"
            var movedUser = second
            movedUser.userID = user.id
            let (number, moved, account) = (sameNumber, movedNumber, movedUser)
            let attempts: [(String, @Sendable (any ClinicTransaction) throws -> Void)] = [
                ("registrationNumber", { try $0.insert(number) }), ("registrationNumber", { try $0.update(moved) }),
                ("userID", { try $0.insert(Doctor.sample(4, user: user.id)) }), ("userID", { try $0.update(account) }),
            ]
            for (field, attempt) in attempts {
                let error = await #expect(throws: ClinicError.self) { try await database.write(attempt) }
                #expect(error?.code == .duplicate && error?.field == field)
            }
            #expect(try await database.read { try $0.countDoctors(matching: DoctorFilter()) } == 2)
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `the list is newest first, by state and by the beginning of the name`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let people: [(String, Doctor.Status)] = [
                ("Élodie Martin", .verified), ("Elena Rossi", .pending), ("Omar Aziz", .pending),
                ("Eli Cohen", .refused),
            ]
            let doctors = people.enumerated().map { Doctor.sample($0 + 1, name: $1.0, status: $1.1) }
            try await database.write { transaction in for doctor in doctors { try transaction.insert(doctor) } }
            let expected: [(DoctorFilter, [Int])] = [
                (DoctorFilter(), [3, 2, 1, 0]), (DoctorFilter(status: .pending), [2, 1]),
                (DoctorFilter(search: "EL"), [3, 1, 0]), (DoctorFilter(search: "elo"), [0]),
                (DoctorFilter(status: .pending, search: "el"), [1]), (DoctorFilter(status: .retired), []),
                (DoctorFilter(search: "rossi"), []),
            ]
            try await database.read { transaction in
                for (filter, indexes) in expected {
                    let found = try transaction.doctors(matching: filter, limit: 10, offset: 0)
                    #expect(found.map(\.name) == indexes.map { people[$0].0 }, "\(filter)")
                    #expect(try transaction.countDoctors(matching: filter) == indexes.count, "\(filter)")
                }
                let page = try transaction.doctors(matching: DoctorFilter(), limit: 2, offset: 1)
                #expect(page.map(\.id) == [doctors[2].id, doctors[1].id])
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `the next free slot is the doctor's and the candidate's, and is found when it has passed`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let doctors = (1...4).map {
                Doctor.sample($0, status: $0 == 4 ? .pending : .verified, nextFreeAt: moment(Double($0) * 100))
            }
            try await database.write { transaction in
                for doctor in doctors { try transaction.insert(doctor) }
                try transaction.setNextFree(moment(50), of: doctors[2].id)
                try transaction.setNextFree(nil, of: doctors[1].id)
            }
            try await database.read { transaction in
                #expect(try transaction.doctor(doctors[2].id)?.nextFreeAt == moment(50))
                #expect(try transaction.doctor(doctors[1].id)?.nextFreeAt == nil)
                let everywhere = CandidateQuery(circle: .earth)
                let slots = Dictionary(
                    uniqueKeysWithValues: try transaction.candidates(everywhere).map { ($0.id, $0.nextFreeAt) })
                #expect(slots == [doctors[0].id: moment(100), doctors[1].id: nil, doctors[2].id: moment(50)])
                let passed = try transaction.doctorsWithPassedSlot(before: moment(500), limit: 5)
                #expect(passed == [doctors[2].id, doctors[0].id])
                #expect(try transaction.doctorsWithPassedSlot(before: moment(500), limit: 1).count == 1)
                #expect(try transaction.doctorsWithPassedSlot(before: moment(50), limit: 5).isEmpty)
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `documents and portraits are known by their key`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let doctor = Doctor.sample()
            let documents = (1...2).map {
                DoctorDocument(
                    doctorID: doctor.id, name: "Diplôme \($0).pdf", contentType: "application/pdf", byteCount: 10,
                    archiveKey: "doctors/d\($0).pdf", createdAt: moment(Double($0)))
            }
            try await database.write { transaction in
                try transaction.insert(doctor)
                for document in documents.reversed() { try transaction.insert(document) }
            }
            try await database.write { transaction in
                #expect(try transaction.documents(of: doctor.id) == documents)
                #expect(try transaction.document(documents[0].id) == documents[0])
                #expect(try transaction.hasDoctorFile(archiveKey: "doctors/d1.pdf"))
                #expect(try transaction.hasDoctorFile(archiveKey: "doctors/1.jpg"))
                try transaction.deleteDocument(documents[0].id)
                #expect(try !transaction.hasDoctorFile(archiveKey: "doctors/d1.pdf"))
                #expect(try transaction.documents(of: doctor.id) == [documents[1]])
            }
            let error = await #expect(throws: ClinicError.self) {
                try await database.write { transaction in
                    try transaction.insert(
                        DoctorDocument(
                            doctorID: DoctorID(), name: "x", contentType: "image/png", byteCount: 1,
                            archiveKey: "doctors/x.png", createdAt: moment(0)))
                }
            }
            #expect(error?.code == .notFound)
        }
    }
}
