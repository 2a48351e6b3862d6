import Clinic
import Foundation
import Testing

@Suite struct AccountPasswordRulesTests {
    private func refuses(_ password: String) -> Bool {
        do {
            try PasswordRules.check(password, email: "anna.mueller@example.org", name: "Anna Müller")
            return false
        } catch {
            return (error as? ClinicError)?.field == "password"
        }
    }

    private static let bad: [String] = [
        "short", "1234567", "password", "Password1", "P@ssw0rd2024!", "12345678", "87654321", "qwertyuiop", "abcdefgh",
        "aaaaaaaa", "abababab", "passwordpassword", "welcomeadmin", "letmein!!!", "QWERTY123", "iloveyou2",
        "leukoscope1", "leukaemia2026", "anna.mueller", "annamueller", "anna.mueller@example.org", "müller1985",
        "Anna1985!", "monkey12", "dragon99", "!!!!1234", String(repeating: "x y", count: 50),
    ]

    @Test(arguments: bad)
    func `refuses what is tried first`(password: String) {
        #expect(refuses(password))
    }

    private static let good: [String] = [
        "correct horse battery", "three quiet herons", "kfjw82hs", "Größenwahn im Frühling", "пароль от моего дома",
        "密码是一句很长的话呢", "        x8 y",
    ]

    @Test(arguments: good)
    func `accepts everything else`(password: String) { #expect(!refuses(password)) }

    @Test func `refuses what is in the list of leaked ones, whatever the case, and nothing that only begins so`() throws
    {
        let file = FileManager.default.temporaryDirectory.appending(path: "leaked-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("kfjw82hs\nтрёхслойный\n".utf8).write(to: file)
        let leaked = try LeakedPasswords(file)
        for (password, isRefused) in [
            ("kfjw82hs", true), ("KFJW82hs", true), ("Трёхслойный", true), ("kfjw82hsx", false),
            ("three quiet herons", false),
        ] {
            let result = Result {
                try PasswordRules.check(password, email: "a@example.org", name: "A", not: leaked)
            }
            if case .failure = result { #expect(isRefused, "\(password)") } else { #expect(!isRefused, "\(password)") }
        }
        for content in ["", "Capital letters\n", "\u{1}"] {
            let bytes = content == "\u{1}" ? Data([0xFF, 0xFE, 0xFF]) : Data(content.utf8)
            try bytes.write(to: file)
            #expect(throws: ClinicError.self) { try LeakedPasswords(file) }
        }
    }

    @Test func `accepts the longest and refuses one more`() {
        let letters = (0..<128).map { (index: Int) -> UInt8 in
            let place: Int = (index * index * 7 + index) % 26
            return 97 + UInt8(place)
        }
        let longest = String(decoding: letters, as: UTF8.self)
        #expect(!refuses(longest))
        #expect(refuses(longest + "a"))
    }

    @Test func `counts code points, not bytes`() {
        #expect(!refuses("密码很长的一句话"))
        #expect(refuses("密码很长的一句"))
    }
}

@Suite struct AccountPasswordHasherTests {
    private static let cheap = PasswordHasher.Cost(memory: 8, passes: 1, lanes: 1)

    @Test func `verifies its own hashes and no others`() async throws {
        let hasher = PasswordHasher(cost: Self.cheap)
        let hash = try await hasher.hash("three quiet herons")
        #expect(hash.hasPrefix("$argon2id$v=19$m=8,t=1,p=1$"))
        #expect(try await hasher.hash("three quiet herons") != hash)
        #expect(try await hasher.verify("three quiet herons", against: hash))
        for wrong in ["three quiet heron", "", "Three quiet herons", "three quiet herons "] {
            #expect(try await !hasher.verify(wrong, against: hash))
        }
        #expect(try await !hasher.verify("three quiet herons", against: nil))
        #expect(try await !hasher.verify("x", against: "no hash at all"))
    }

    @Test func `a password is the same from any keyboard, also where an older hash is of letters taken apart`()
        async throws
    {
        let (composed, apart) = ("trois h\u{E9}rons calmes", "trois he\u{301}rons calmes")
        // Made by libargon2 of the bytes of either form.
        let older = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$Oi9YSchs8lu9voLESPOJssTJfVvG6P+TKcHj88ERl9s"
        let plain = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$9/AJ2q2WvcoVUtYDdzpis62tADlHiypP2l0bLVxqzM8"
        let hasher = PasswordHasher(cost: Self.cheap)
        for typed in [composed, apart] {
            #expect(try await hasher.match(typed, against: older) == .olderForm)
            #expect(try await hasher.match(typed, against: plain) == .password)
            #expect(try await hasher.match(typed, against: try await hasher.hash(apart)) == .password)
            #expect(try await hasher.match(typed, against: nil) == .none)
        }
        #expect(try await hasher.match("trois herons calmes", against: older) == .none)
    }

    @Test func `reads a hash of the reference implementation`() async throws {
        // `echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1 -l 32 -e` (README of the reference implementation).
        let hash =
            "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
        #expect(try await PasswordHasher(cost: Self.cheap).verify("password", against: hash))
    }

    @Test func `uses the parameters of OWASP`() async throws {
        let hash = try await PasswordHasher().hash("three quiet herons")
        #expect(hash.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
        #expect(!PasswordHasher().isOutdated(hash))
        #expect(PasswordHasher(cost: Self.cheap).isOutdated(hash))
    }

    @Test func `turns away who finds the line full`() async throws {
        // Dear enough that those admitted are at work still when the last of the others asks, on a busy machine too.
        let hasher = PasswordHasher(
            cost: .init(memory: 19_456, passes: 80, lanes: 1), concurrency: 1, maximumWaiting: 2)
        let busy = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    do {
                        return try await hasher.hash("three quiet herons").isEmpty
                    } catch {
                        return (error as? ClinicError)?.code == .busy
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect((1...48).contains(busy))
        #expect(try await !hasher.hash("and then it goes on").isEmpty)
    }
}

@Suite struct AccountTOTPTests {
    /// RFC 6238, appendix B, SHA-1, the last six of eight digits.
    @Test(arguments: [
        (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"),
        (2_000_000_000, "279037"), (20_000_000_000, "353130"),
    ])
    func `gives the codes of the standard`(seconds: Int, code: String) throws {
        let totp = try #require(TOTP(base32: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"))
        #expect(totp.code(at: Date(timeIntervalSince1970: Double(seconds))) == code)
    }

    @Test func `writes an address that authenticators open`() {
        let totp = TOTP()
        let uri = totp.uri(account: "anna+x@example.org", issuer: "Leukoscope")
        #expect(
            uri == "otpauth://totp/Leukoscope:anna%2Bx@example.org?secret=\(totp.base32)&issuer=Leukoscope")
        #expect(TOTP(base32: totp.base32) == totp)
        #expect(TOTP(base32: "not base32!") == nil)
        #expect(TOTP(base32: "GEZDGNBV") == nil)
    }
}

@Suite struct AccountRulesTests {
    @Test(arguments: [(" Anna@Example.ORG ", "anna@example.org"), ("a.b+c@sub.example.org", "a.b+c@sub.example.org")])
    func `keeps addresses in one form`(typed: String, kept: String) throws {
        #expect(try AccountRules.email(typed) == kept)
    }

    @Test(arguments: [
        "", "anna", "@example.org", "anna@", "anna@example", "anna@@example.org", "a b@example.org",
        "anna@exam\nple.org", "anna@example.org\u{0}", "anna@.org", "anna@example..org", "<anna@example.org>",
        "anna\u{202E}@example.org", String(repeating: "a", count: 65) + "@example.org",
    ])
    func `refuses what is no address`(text: String) {
        #expect { _ = try AccountRules.email(text) } throws: { ($0 as? ClinicError)?.field == "email" }
    }
}
