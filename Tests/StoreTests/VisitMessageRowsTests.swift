import Clinic
import Foundation
import Store
import Testing

@Suite struct VisitMessageRowsTests {
    @Test(arguments: TestedDatabase.allCases)
    func `a message waits until it is due, goes to one server, and comes once`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let visit = try await database.write { transaction in
                let practice = try Practice(in: transaction)
                let visit = Appointment.sample(with: practice.doctor.id, by: practice.patient.id, at: 7200)
                try transaction.insert(visit)
                return visit
            }
            let message = VisitMessage(appointmentID: visit.id, kind: .reminder, sequence: 1, createdAt: moment(10))
            let again = VisitMessage(appointmentID: visit.id, kind: .reminder, sequence: 1, createdAt: moment(11))
            let other = VisitMessage(appointmentID: visit.id, kind: .reminder, sequence: 2, createdAt: moment(20))
            try await database.write { (transaction: any ClinicTransaction) throws in
                for message in [message, again, other] { try transaction.enqueue(message) }
                #expect(try transaction.dueMessages(now: moment(9), limit: 9).isEmpty)
                #expect(try transaction.dueMessages(now: moment(30), limit: 9) == [message, other])
                #expect(try transaction.dueMessages(now: moment(30), limit: 1) == [message])
            }
            let claims = try await racing(6) { _ in
                try await database.write { try $0.claimMessage(message.id, now: moment(30), until: moment(90)) }
            }
            #expect(claims.filter { $0 }.count == 1)
            try await database.write { (transaction: any ClinicTransaction) throws in
                #expect(try transaction.dueMessages(now: moment(89), limit: 9) == [other])
                #expect(try transaction.dueMessages(now: moment(90), limit: 9).map(\.attempts) == [0, 1])
                try transaction.postponeMessage(message.id, until: moment(200))
                #expect(try !transaction.claimMessage(message.id, now: moment(199), until: moment(300)))
                try transaction.endMessage(message.id, at: moment(200))
                try transaction.postponeMessage(message.id, until: moment(201))
                #expect(try transaction.dueMessages(now: moment(9999), limit: 9) == [other])
            }
        }
    }
}
