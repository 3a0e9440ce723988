using LlIcm.Container;

namespace LlIcm.Tests.Container;

public sealed class AlphaCodecTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 40)]
    [InlineData(40, 1)]
    [InlineData(64, 48)]
    [InlineData(2100, 2050)]
    public void PlanesComeBackUnchanged(int width, int height)
    {
        var random = new Random(width);
        byte[] noise = new byte[width * height];
        random.NextBytes(noise);
        byte[] ramp = [.. Enumerable.Range(0, width * height).Select(i => (byte)((i % width) + (i / width)))];
        byte[] mask = [.. Samples.Disc(width, height).Select(v => v > 127 ? (byte)255 : (byte)0)];
        foreach (byte[] plane in new[] { noise, ramp, mask, Samples.Disc(width, height), new byte[width * height] })
        {
            byte[] payload = AlphaCodec.Encode(plane, width, height);
            Assert.True(plane.AsSpan().SequenceEqual(AlphaCodec.Decode(payload, width, height)));
        }
    }

    [Fact]
    public void ConstantAndSmoothPlanesAreSmall()
    {
        byte[] opaque = new byte[512 * 512];
        opaque.AsSpan().Fill(255);
        Assert.Equal(2, AlphaCodec.Encode(opaque, 512, 512).Length);

        byte[] ramp = [.. Enumerable.Range(0, 512 * 512).Select(i => (byte)((i % 512 / 4) + (i / 512 / 4)))];
        Assert.InRange(AlphaCodec.Encode(ramp, 512, 512).Length, 2, 500);
        Assert.InRange(AlphaCodec.Encode(Samples.Disc(512, 512), 512, 512).Length, 2, 6000);
    }

    [Fact]
    public void WrongSizesAreRefused()
    {
        byte[] plane = Samples.Disc(20, 10);
        byte[] payload = AlphaCodec.Encode(plane, 20, 10);
        foreach ((int width, int height) in new[] { (20, 11), (20, 9), (19, 10), (21, 10), (10, 20), (int.MaxValue, 2) })
            Assert.Throws<LlicFormatException>(() => AlphaCodec.Decode(payload, width, height));
        Assert.Throws<LlicFormatException>(() => AlphaCodec.Decode([], 20, 10));
        Assert.Throws<LlicFormatException>(() => AlphaCodec.Decode([0, 1, 2], 20, 10));
        Assert.Throws<LlicFormatException>(() => AlphaCodec.Decode([7, 1, 2], 20, 10));
        Assert.Throws<LlicFormatException>(() => AlphaCodec.Decode([.. payload, 0], 20, 10));
        Assert.Throws<LlicFormatException>(() => AlphaCodec.Decode(payload.AsSpan(0, payload.Length - 1), 20, 10));
        Assert.Throws<ArgumentException>(() => AlphaCodec.Encode(plane, 20, 11));
    }
}
