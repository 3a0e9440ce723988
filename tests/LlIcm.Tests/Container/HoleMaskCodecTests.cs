using LlIcm.Container;

namespace LlIcm.Tests.Container;

public sealed class HoleMaskCodecTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 40)]
    [InlineData(40, 1)]
    [InlineData(65, 48)]
    [InlineData(700, 311)]
    public void MarksComeBackUnchanged(int width, int height)
    {
        foreach (bool[] marks in Masks(width, height))
        {
            byte[] payload = HoleMaskCodec.Encode(marks, width, height);
            Assert.True(marks.AsSpan().SequenceEqual(HoleMaskCodec.Decode(payload, width, height)));
        }
    }

    [Fact]
    public void ShapesTakeFewBytes()
    {
        bool[] disc = [.. Samples.Disc(512, 512).Select(value => value > 127)];
        Assert.InRange(HoleMaskCodec.Encode(disc, 512, 512).Length, 1, 400);
        Assert.InRange(HoleMaskCodec.Encode(new bool[512 * 512], 512, 512).Length, 0, 100);
    }

    [Fact]
    public void WrongSizesAndDamageEndInTheFormatsException()
    {
        bool[] marks = [.. Samples.Disc(60, 50).Select(value => value > 127)];
        byte[] payload = HoleMaskCodec.Encode(marks, 60, 50);
        Assert.Throws<LlicFormatException>(() => HoleMaskCodec.Decode([.. payload, .. new byte[400].Select((_, i) => (byte)(i | 1))], 60, 50));
        Assert.Throws<LlicFormatException>(() => HoleMaskCodec.Decode(payload, int.MaxValue, 2));
        Assert.Throws<ArgumentException>(() => HoleMaskCodec.Encode(marks, 60, 51));
    }

    [Fact]
    public void AFileKeepsItsHoles()
    {
        bool[] marks = [.. Samples.Disc(768, 512).Select(value => value > 127)];
        LlicFile file = Samples.Plain() with { HolesPayload = HoleMaskCodec.Encode(marks, 768, 512) };
        LlicFile read = LlicFile.Read(file.ToArray());
        Assert.True(marks.AsSpan().SequenceEqual(read.DecodeHoles()));
        Assert.Null(LlicFile.Read(Samples.Plain().ToArray()).DecodeHoles());
    }

    private static IEnumerable<bool[]> Masks(int width, int height)
    {
        var random = new Random(width);
        yield return new bool[width * height];
        yield return [.. Enumerable.Repeat(true, width * height)];
        yield return [.. Enumerable.Range(0, width * height).Select(_ => random.Next(2) == 0)];
        yield return [.. Enumerable.Range(0, width * height).Select(_ => random.Next(300) == 0)];
        yield return [.. Enumerable.Range(0, width * height).Select(i => i / width % 2 == 0)];
        yield return [.. Samples.Disc(width, height).Select(value => value > 127)];
    }
}
