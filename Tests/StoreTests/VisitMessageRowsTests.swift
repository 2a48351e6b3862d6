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

    @Test(arguments: TestedDatabase.allCases)
    func `messages that wait go over to what their visit has become, and no others`(_ kind: TestedDatabase)
        async throws
    {
        try await kind.with { database in
            let visits = try await database.write { transaction in
                let practice = try Practice(in: transaction)
                let visits = [7200.0, 14_400].map {
                    Appointment.sample(with: practice.doctor.id, by: practice.patient.id, at: $0)
                }
                for visit in visits { try transaction.insert(visit) }
                return visits
            }
            let (visit, other) = (visits[0].id, visits[1].id)
            let ended = VisitMessage(appointmentID: visit, kind: .cancelled, sequence: 1, createdAt: moment(10))
            let waiting = [
                VisitMessage(appointmentID: visit, kind: .confirmed, sequence: 1, createdAt: moment(11)),
                VisitMessage(appointmentID: visit, kind: .reminder, sequence: 0, createdAt: moment(12)),
                VisitMessage(appointmentID: other, kind: .confirmed, sequence: 1, createdAt: moment(13)),
            ]
            try await database.write { (transaction: any ClinicTransaction) throws in
                for message in [ended] + waiting { try transaction.enqueue(message) }
                try transaction.endMessage(ended.id, at: moment(20))
                try transaction.carryMessages(of: visit, from: 1, to: 2)
                let due = try transaction.dueMessages(now: moment(30), limit: 9)
                #expect(due.map(\.id) == waiting.map(\.id) && due.map(\.sequence) == [2, 0, 1])
            }
            let left = try await database.reading {
                try $0.rows("SELECT sequence FROM visit_messages WHERE due_at IS NULL", [])
            }
            #expect(left == [[.integer(1)]])
        }
    }
}
