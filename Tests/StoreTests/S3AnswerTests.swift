import Clinic
import Foundation
import Store
import Testing

/// What S3 stores answer, and how files are cut for them.
@Suite struct S3AnswerTests {
    private func listing(_ inside: String) throws -> S3Listing {
        try S3Listing(
            Array(
                """
                <?xml version="1.0" encoding="UTF-8"?>
                <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">\(inside)</ListBucketResult>
                """.utf8))
    }

    @Test func `a page of names is read whole, with what asks for the next`() throws {
        let page = try listing(
            """
            <Name>smears</Name><Prefix>p/</Prefix><MaxKeys>2</MaxKeys><IsTruncated>true</IsTruncated>
            <Contents><Key>p/images/a.png</Key><ETag>&#34;5d&#34;</ETag><Size>5</Size>
              <Owner><ID>x</ID></Owner></Contents>
            <Contents><Key>p/images/b &amp; c.png</Key><Size>0</Size></Contents>
            <CommonPrefixes><Prefix>p/q/</Prefix></CommonPrefixes>
            <NextContinuationToken>p/images/b</NextContinuationToken><KeyCount>2</KeyCount>
            """)
        #expect(page.names == ["p/images/a.png", "p/images/b & c.png"])
        #expect(page.next == "p/images/b")
        let last = try listing("<IsTruncated>false</IsTruncated><KeyCount>0</KeyCount>")
        #expect(last.names.isEmpty && last.next == nil)
    }

    @Test func `a list that does not say whether it is whole is no list, for what it lacks would be gone`() {
        for inside in [
            "<Contents><Key>a</Key></Contents>", "<IsTruncated>true</IsTruncated>", "<IsTruncated>maybe</IsTruncated>",
            "<IsTruncated>true</IsTruncated><NextContinuationToken></NextContinuationToken>",
        ] {
            #expect(throws: ClinicError.self) { try listing(inside) }
        }
    }

    @Test(
        arguments: [
            "", "<", "no xml", "<html><body>Welcome</body></html>",
            "<ListBucketResult><IsTruncated>false</IsTruncated>",
            "<ListBucketResult><IsTruncated>false</IsTrunc",
            "<Error><Code>AccessDenied</Code></Error>",
            "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>",
            String(repeating: "<a>", count: 40) + String(repeating: "</a>", count: 40),
        ])
    func `an answer that is no list, or is cut off, is told as a fault of the store`(_ text: String) {
        let error = #expect(throws: ClinicError.self) { try S3Listing(Array(text.utf8)) }
        #expect(error?.code == .storage)
    }

    @Test func `the code of an error is found`() throws {
        let text = "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code><Resource>/b/k</Resource></Error>"
        let document = try S3Document(Array(text.utf8))
        #expect(document.root == "Error" && document.first("Code") == "NoSuchKey")
        #expect(document.first("Message") == nil && document.all("Resource") == ["/b/k"])
    }

    @Test(
        arguments: [
            (0, 1), (1, 1), (S3Parts.wholeBytes, 1), (S3Parts.wholeBytes + 1, 3), (3 * S3Parts.partBytes, 3),
            (512 << 20, 64),
        ])
    func `a large file is cut into parts that follow each other, all but the last large enough`(
        _ bytes: Int, _ count: Int
    ) {
        let ranges = S3Parts.ranges(of: bytes)
        #expect(ranges.count == count)
        #expect(ranges.first?.lowerBound == 0 && ranges.last?.upperBound == bytes)
        for (one, next) in zip(ranges, ranges.dropFirst()) {
            #expect(one.upperBound == next.lowerBound && one.count >= 5 << 20)
        }
    }
}
