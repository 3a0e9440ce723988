using LlIcm.Container;

namespace LlIcm.Tests.Container;

/// <summary>Random damage, always the same: what comes back is what was written, or a <see cref="LlicFormatException"/>.</summary>
public sealed class LlicFuzzTests
{
    private static readonly byte[][] Valid =
    [
        Samples.Plain().ToArray(),
        Samples.Plain(200, boundaries: 30).ToArray(),
        Samples.Full().ToArray(),
        (Samples.Full() with { AlphaPayload = null, Exif = null, Xmp = null }).ToArray(),
    ];

    [Fact]
    public void TwentyThousandMutationsGiveTheSameFileOrAnError()
    {
        var random = new Random(20_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        int refused = 0;
        const int Trials = 20_000;
        for (int trial = 0; trial < Trials; trial++)
        {
            byte[] mutant = Mutate(Valid[random.Next(Valid.Length)], random);
            try
            {
                LlicFile file = LlicFile.Read(mutant);
                _ = file.DecodeAlpha();
                Assert.Contains(Valid, valid => valid.AsSpan().SequenceEqual(file.ToArray()));
            }
            catch (LlicFormatException error)
            {
                refused++;
                Assert.InRange(error.Message.Length, 10, 160);
                Assert.DoesNotContain('\n', error.Message);
            }
        }

        Assert.InRange(refused, Trials * 9 / 10, Trials);
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / Trials, 0, 200_000);
    }

    [Fact]
    public void DamageUnderRightChecksumsGivesAFileOrAnError()
    {
        // Nobody but an attacker makes these; the content may be anything, but nothing else may be thrown.
        var random = new Random(4711);
        long before = GC.GetAllocatedBytesForCurrentThread();
        int accepted = 0;
        const int Trials = 20_000;
        var limits = new LlicReadOptions { MaxPixels = 1 << 16, MaxMetadataBytes = 1 << 16 };
        for (int trial = 0; trial < Trials; trial++)
        {
            var raw = RawFile.Parse(Valid[random.Next(Valid.Length)]);
            int which = random.Next(-1, raw.Segments.Count);
            if (which < 0)
            {
                int at = random.Next(4, raw.Head.Length);
                raw.Head[at] = (byte)random.Next(256);
            }
            else
            {
                (byte type, byte[] payload) = raw.Segments[which];
                raw.Segments[which] = (random.Next(20) == 0 ? (byte)random.Next(128) : type, Mutate(payload, random));
            }

            byte[] mutant = raw.ToArray();
            try
            {
                LlicFile file = LlicFile.Read(mutant, limits);
                byte[]? alpha = file.DecodeAlpha();
                Assert.Equal(alpha is not null, file.Header.HasAlpha);
                LlicFile again = LlicFile.Read(file.ToArray(), limits);
                Assert.Equal(file.Header, again.Header);
                Assert.Equal(file.Latents.BoundarySymbols, again.Latents.BoundarySymbols);
                accepted++;
            }
            catch (LlicFormatException)
            {
            }
        }

        Assert.InRange(accepted, Trials / 20, Trials);
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / Trials, 0, 400_000);
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        List<byte> bytes = [.. original];
        for (int edits = random.Next(1, 4); edits > 0; edits--)
        {
            int at = random.Next(bytes.Count + 1);
            int count = Math.Min(random.Next(1, 24), bytes.Count - at);
            switch (random.Next(7))
            {
                case 0: // flip a bit
                    if (at < bytes.Count) bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1: // overwrite, as a length edit does
                    if (at < bytes.Count) bytes[at] = random.Next(2) == 0 ? (byte)0xFF : (byte)random.Next(256);
                    break;
                case 2: // truncate
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 3: // cut out
                    bytes.RemoveRange(at, count);
                    break;
                case 4: // repeat
                    bytes.InsertRange(at, [.. bytes.Slice(at, count)]);
                    break;
                case 5: // splice with another file
                    byte[] other = Valid[random.Next(Valid.Length)];
                    int from = random.Next(other.Length);
                    if (at < bytes.Count) bytes.RemoveRange(at, bytes.Count - at);
                    bytes.AddRange(other[from..]);
                    break;
                default: // garbage
                    var garbage = new byte[random.Next(1, 40)];
                    random.NextBytes(garbage);
                    bytes.InsertRange(at, garbage);
                    break;
            }
        }

        return [.. bytes];
    }
}
