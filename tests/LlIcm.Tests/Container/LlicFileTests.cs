using System.Text;
using LlIcm.Container;

namespace LlIcm.Tests.Container;

public sealed class LlicFileTests
{
    [Fact]
    public void ReadsBackEverythingThatWasWritten()
    {
        LlicFile file = Samples.Full();
        LlicFile back = LlicFile.Read(file.ToArray());

        Assert.Equal(file.Header, back.Header);
        Assert.True(back.Header.HasAlpha);
        Assert.Equal(file.Latents.HyperStream.ToArray(), back.Latents.HyperStream.ToArray());
        Assert.Equal(file.Latents.LatentStream.ToArray(), back.Latents.LatentStream.ToArray());
        Assert.Equal(file.Latents.BoundarySymbols, back.Latents.BoundarySymbols);
        Assert.Equal(Samples.Disc(23, 17), back.DecodeAlpha());
        Assert.Equal(file.Exif, back.Exif);
        Assert.Equal(file.Xmp, back.Xmp);
        Assert.Equal(file.Metadata, back.Metadata);
        Assert.Equal(file.Extensions[0].Payload.ToArray(), Assert.Single(back.Extensions).Payload.ToArray());
        Assert.Equal(file.ToArray(), back.ToArray());
    }

    [Fact]
    public void ReadsFromAndWritesToStreams()
    {
        var stream = new MemoryStream();
        LlicFile file = Samples.Full();
        file.Write(stream);
        Assert.Equal(file.ToArray(), stream.ToArray());
        stream.Position = 0;
        Assert.Equal(file.Header, LlicFile.Read(stream).Header);
        stream.Position = 0;
        Assert.Equal(stream.Length, LlicFile.Identify(stream).FileBytes);
    }

    [Theory]
    [InlineData(40_000, 0)]
    [InlineData(400_000, 60)]
    public void PictureWithoutExtrasCostsLessThan45BytesBesideItsStreams(int symbols, int boundaries)
    {
        LlicFile file = Samples.Plain(symbols, boundaries);
        LlicInfo info = LlicFile.Identify(file.ToArray());
        Assert.Equal(file.Latents.BoundarySymbols.Count, info.BoundaryCount);
        // That there is no list costs a byte; the list itself is not the container's.
        long list = info.BoundaryBytes - 1;
        Assert.InRange(info.FileBytes - info.HyperBytes - info.LatentBytes - list, 20, 44);
    }

    [Fact]
    public void BoundarySymbolsCostAboutTheirEntropy()
    {
        // What a picture of 768×512 typically has: 45 among 196,608 symbols.
        var random = new Random(4);
        BoundarySymbol[] symbols = [.. Enumerable.Range(0, 45).Select(_ => (long)random.Next(196_608)).Distinct().Order()
            .Select(p => new BoundarySymbol(p, random.Next(2) == 0))];
        LlicFile file = Samples.Plain() with
        {
            Latents = new LatentSegment { LatentStream = Samples.Latents(10, 0).LatentStream, BoundarySymbols = symbols },
        };
        Assert.InRange(LlicFile.Identify(file.ToArray()).BoundaryBytes, 45, 88);
        Assert.Equal(symbols, LlicFile.Read(file.ToArray()).Latents.BoundarySymbols);
    }

    [Fact]
    public void BoundarySymbolsAreFoundByRange()
    {
        LatentSegment latents = Samples.Latents(1000, boundaries: 40);
        for (long first = 0; first < 1000; first += 37)
        {
            Assert.Equal(
                latents.BoundarySymbols.Where(b => b.Position >= first && b.Position < first + 100),
                latents.BoundarySymbolsWithin(first, 100).ToArray());
        }
    }

    [Fact]
    public void BoundarySymbolsFarApartAndAdjacentSurvive()
    {
        BoundarySymbol[] symbols =
            [new(0, true), new(1, false), new(2, true), new(1L << 30, true), new((1L << 40) - 1, false)];
        LatentSegment latents = new()
        {
            LatentStream = Samples.Latents(10, 0).LatentStream,
            BoundarySymbols = symbols,
        };
        byte[] file = (Samples.Plain() with { Latents = latents }).ToArray();
        Assert.InRange(file.Length, 0, 200);
        Assert.Equal(symbols, LlicFile.Read(file).Latents.BoundarySymbols);
    }

    [Theory]
    [InlineData(5, 5)]
    [InlineData(7, 3)]
    [InlineData(-1, 3)]
    [InlineData(3, 1L << 40)]
    public void BoundarySymbolsMustRise(long first, long second) =>
        Assert.Throws<ArgumentException>(() => new LatentSegment
        {
            LatentStream = new byte[8],
            BoundarySymbols = [new(first, true), new(second, true)],
        });

    [Fact]
    public void QualityAndEpsilonAreRoundedToWhatTheFileHolds()
    {
        LlicHeader header = Samples.Header() with { Quality = 2.0017, ScaleEpsilon = 1e-4 };
        Assert.Equal(2.0, header.Quality);
        Assert.InRange(header.ScaleEpsilon, 0.95e-4, 1.05e-4);
        Assert.Equal(header, header with { Quality = header.Quality, ScaleEpsilon = header.ScaleEpsilon });
        Assert.Equal(header, LlicFile.Read((Samples.Plain() with { Header = header }).ToArray()).Header);
        foreach (double quality in new[] { 0.5, 8.01, -1, double.NaN })
            Assert.Throws<ArgumentOutOfRangeException>(() => header with { Quality = quality });
        foreach (double epsilon in new[] { -1e-5, 1, 2, 1e-30, double.NaN })
            Assert.Throws<ArgumentOutOfRangeException>(() => header with { ScaleEpsilon = epsilon });
    }

    [Fact]
    public void IdentifyTellsWithoutAModel()
    {
        LlicFile file = Samples.Full();
        byte[] bytes = file.ToArray();
        LlicInfo info = LlicFile.Identify(bytes);
        Assert.Equal("compact-0123456789abcdef", info.Header.Model.ToString());
        Assert.Equal(Degradation.Rainy, info.Header.Degradation);
        Assert.Equal(8.0 * bytes.Length / (23 * 17), info.BitsPerPixel);
        Assert.Equal(file.Latents.HyperStream.Length, info.HyperBytes);
        Assert.Equal(file.Latents.LatentStream.Length, info.LatentBytes);
        Assert.Equal([0x01, 0x02, 0x41, 0x42, 0x43, 0x50], info.Segments.Select(s => (int)s.Type));
    }

    [Fact]
    public void EveryCutOffFileIsRefused()
    {
        byte[] file = Samples.Full().ToArray();
        for (int length = 0; length < file.Length; length++)
        {
            var error = Assert.Throws<LlicFormatException>(() => LlicFile.Read(file.AsMemory(0, length)));
            Assert.DoesNotContain('\n', error.Message);
        }
    }

    [Fact]
    public void EverySingleFlippedBitIsNoticed()
    {
        byte[] file = Samples.Full().ToArray();
        for (int bit = 0; bit < 8 * file.Length; bit++)
        {
            file[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<LlicFormatException>(() => LlicFile.Read(file));
            Assert.Throws<LlicFormatException>(() => LlicFile.Identify(file));
            file[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("GIF89a.........", "not a .llic file")]
    [InlineData("LL", "cut off")]
    [InlineData("LLIC", "cut off")]
    [InlineData("LLIC\u0020aaaaaaaaaaaaaaa", "version 2")]
    public void ForeignDataAreNamedAsSuch(string content, string reason)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(content);
        Assert.Contains(reason, Assert.Throws<LlicFormatException>(() => LlicFile.Read(bytes)).Message);
        Assert.Contains(
            reason, Assert.Throws<LlicFormatException>(() => LlicFile.Read(new MemoryStream(bytes))).Message);
    }

    [Fact]
    public void TrailingBytesAreRefused()
    {
        byte[] file = [.. Samples.Plain().ToArray(), 0, 0, 0];
        Assert.Contains("3 bytes follow", Assert.Throws<LlicFormatException>(() => LlicFile.Read(file)).Message);
    }

    [Fact]
    public void SegmentsOfAnotherFileAreRefused()
    {
        byte[] one = Samples.Plain().ToArray();
        byte[] other = (Samples.Plain() with { Header = Samples.Header() with { Quality = 4 } }).ToArray();
        int header = RawFile.HeaderLength(one);
        byte[] spliced = [.. one[..header], .. other[header..]];
        Assert.Contains("segment 1", Assert.Throws<LlicFormatException>(() => LlicFile.Read(spliced)).Message);
    }

    [Fact]
    public void UnknownSegmentsAreKeptIfOptionalAndRefusedIfNot()
    {
        var raw = RawFile.Parse(Samples.Plain().ToArray());
        raw.Segments.Add((0x7E, [9, 9]));
        Assert.Equal((SegmentType)0x7E, Assert.Single(LlicFile.Read(raw.ToArray()).Extensions).Type);
        raw.Segments[^1] = (0x3E, [9, 9]);
        Assert.Contains(
            "newer version", Assert.Throws<LlicFormatException>(() => LlicFile.Read(raw.ToArray())).Message);
    }

    [Fact]
    public void RepeatedMissingAndUnorderedSegmentsAreRefused()
    {
        Refused("repeated", raw => raw.Segments.Insert(0, raw.Segments[0]));
        Refused("out of order", raw => raw.Segments.Reverse());
        Refused("no picture", raw => raw.Segments.RemoveAt(0));
        Refused("alpha", raw => raw.Segments.RemoveAt(1));
        Refused("incomplete rANS", raw => raw.Segments[0] = (1, raw.Segments[0].Payload[..^1]));
        Refused("latents", raw => raw.Segments[0] = (1, []));

        static void Refused(string reason, Action<RawFile> change)
        {
            var raw = RawFile.Parse(Samples.Full().ToArray());
            change(raw);
            Assert.Contains(reason, Assert.Throws<LlicFormatException>(() => LlicFile.Read(raw.ToArray())).Message);
        }
    }

    [Fact]
    public void HugeDeclaredSizesCostNothing()
    {
        byte[][] hostile =
        [
            RawFile.Header(width: uint.MaxValue, height: uint.MaxValue),
            RawFile.Header(width: 1, height: uint.MaxValue),
            RawFile.Header(width: 0, height: 1),
            [.. RawFile.Header(), 0x81, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F],
            [.. RawFile.Header(), 0x81, .. Enumerable.Repeat((byte)0xFF, 30)],
            RawFile.WithLatents([0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0, 0]),
            RawFile.WithLatents([0, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0, .. new byte[20]]),
            RawFile.WithLatents([0, 0x7F, 40, .. Enumerable.Repeat((byte)0xFF, 700)]),
            RawFile.WithLatents([0, 0x7F, 0, .. Enumerable.Repeat((byte)0xFF, 700)]),
        ];
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (byte[] file in hostile) Assert.Throws<LlicFormatException>(() => LlicFile.Read(file));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void LimitsAreKept()
    {
        byte[] file = Samples.Full().ToArray();
        Refused(new() { MaxDimension = 22 }, "limit of 22");
        Refused(new() { MaxPixels = 390 }, "390 pixels");
        Refused(new() { MaxMetadataBytes = 89 }, "EXIF block of 90 bytes");
        Refused(new() { MaxMetadataBytes = 90 }, "XMP packet");
        _ = LlicFile.Read(file, new() { MaxDimension = 23, MaxPixels = 391, MaxMetadataBytes = 500 });
        var options = new LlicReadOptions { MaxFileBytes = file.Length - 1 };
        Assert.Throws<LlicFormatException>(() => LlicFile.Read(new MemoryStream(file), options));

        void Refused(LlicReadOptions limits, string reason) =>
            Assert.Contains(reason, Assert.Throws<LlicFormatException>(() => LlicFile.Read(file, limits)).Message);
    }

    [Fact]
    public void EndlessForeignStreamsEndAtOnce() =>
        Assert.Throws<LlicFormatException>(() => LlicFile.Read(new EndlessZeros()));

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("größe")]
    [InlineData("a-name-of-more-than-thirty-one-letters")]
    public void ModelNamesAreShortAscii(string name) =>
        Assert.Throws<ArgumentException>(() => new ModelIdentity(name, 1));

    [Fact]
    public void ModelHashKeepsTheOrderOfTheSha()
    {
        byte[] sha = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
        Assert.Equal("m-0102030405060708", ModelIdentity.FromSha256("m", sha).ToString());
    }

    private sealed class EndlessZeros : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => count;

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
