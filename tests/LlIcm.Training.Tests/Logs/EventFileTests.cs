using System.Text;
using LlIcm.Training.Logs;

namespace LlIcm.Training.Tests.Logs;

public class EventFileTests
{
    [Fact]
    public void TheChecksumIsCastagnolis() =>
        // The check value of the polynomial's definition (RFC 3720, appendix B.4, has more).
        Assert.Equal(0xE3069283u, RecordFile.Checksum("123456789"u8));

    [Fact]
    public void AZeroBlockHasTheChecksumOfTheStandard() => Assert.Equal(0x8A9136AAu, RecordFile.Checksum(new byte[32]));

    [Fact]
    public void WhatIsWrittenIsReadBack()
    {
        using var folder = new RunFolder();
        string path;
        using (var file = new EventFile(folder.Path, 0))
        {
            path = file.Path;
            file.Add(300, [("training/loss", 1.25), ("training/bpp", 0.5)]);
            file.Add(70_000, [("validation/psnr", 31.5)]);
        }
        Event[] events = Read(path);
        Assert.Equal("brain.Event:2", events[0].Version);
        Assert.Equal([0L, 300, 70_000], events.Select(each => each.Step));
        Assert.Equal([("training/loss", 1.25f), ("training/bpp", 0.5f)], events[1].Scalars);
        Assert.Equal([("validation/psnr", 31.5f)], events[2].Scalars);
        Assert.All(events, each => Assert.InRange(each.Time, 1.6e9, 1e11));
    }

    [Fact]
    public void ALegThatGoesOnTellsReadersToForgetLaterSteps()
    {
        using var folder = new RunFolder();
        string path;
        using (var file = new EventFile(folder.Path, 500)) path = file.Path;
        Event[] events = Read(path);
        Assert.Equal((500, true), (events[1].Step, events[1].Starts));
    }

    [Fact]
    public void DamageIsNoticedAndATornEndIsTheEnd()
    {
        using var stream = new MemoryStream();
        RecordFile.Write(stream, "one"u8);
        RecordFile.Write(stream, "two"u8);
        byte[] whole = stream.ToArray();
        Assert.Single(RecordFile.Read(new MemoryStream(whole[..^1])));
        whole[13] ^= 1;
        Assert.Throws<InvalidDataException>(() => RecordFile.Read(new MemoryStream(whole)).ToList());
    }

    private sealed record Event(double Time, long Step, string? Version, (string Tag, float Value)[] Scalars, bool Starts);

    // An independent reader of the protocol buffers' wire format.
    private static Event[] Read(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return [.. RecordFile.Read(stream).Select(record =>
        {
            ILookup<int, byte[]> fields = Fields(record);
            byte[] summary = fields[5].FirstOrDefault() ?? [];
            return new Event(
                BitConverter.ToDouble(fields[1].Single()), fields[2].Select(each => BitConverter.ToInt64(each)).SingleOrDefault(),
                fields[3].Select(each => Encoding.UTF8.GetString(each)).SingleOrDefault(),
                [.. Fields(summary)[1].Select(Fields).Select(value =>
                    (Encoding.UTF8.GetString(value[1].Single()), BitConverter.ToSingle(value[2].Single())))],
                fields[7].Any(session => BitConverter.ToInt64(Fields(session)[1].Single()) == 1));
        })];
    }

    private static ILookup<int, byte[]> Fields(byte[] message)
    {
        var fields = new List<(int Field, byte[] Value)>();
        int at = 0;
        long Varint()
        {
            long value = 0;
            for (int shift = 0; ; shift += 7)
            {
                byte next = message[at++];
                value |= (long)(next & 0x7F) << shift;
                if (next < 0x80) return value;
            }
        }
        while (at < message.Length)
        {
            long key = Varint();
            int length;
            switch (key & 7)
            {
                case 0:
                    fields.Add(((int)(key >> 3), BitConverter.GetBytes(Varint())));
                    continue;
                case 1: length = 8; break;
                case 2: length = (int)Varint(); break;
                case 5: length = 4; break;
                default: throw new InvalidDataException($"wire type {key & 7}");
            }
            fields.Add(((int)(key >> 3), message[at..(at + length)]));
            at += length;
        }
        return fields.ToLookup(each => each.Field, each => each.Value);
    }
}
