using LlIcm.Container;
using LlIcm.EntropyCoding;
using LlIcm.Imaging;
using LlIcm.Tensors;
using LlIcm.Tests.Codecs;
using LlIcm.Torch;

namespace LlIcm.Tests.Pipeline;

public class PictureCodecTests(TinyModel tiny) : IClassFixture<TinyModel>
{
    private PictureCodec Codec => new(tiny.Model);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 70)]
    [InlineData(129, 1)]
    [InlineData(63, 65)]
    [InlineData(64, 64)]
    [InlineData(200, 133)]
    public void AnySizeComesBack(int width, int height)
    {
        Picture picture = TinyModel.Picture(width, height);
        byte[] bytes = Codec.Compress(picture, new CompressOptions { Quality = 6.5 }).ToArray();
        Picture decoded = Codec.Decompress(LlicFile.Read(bytes));
        Assert.Equal((width, height), (decoded.Width, decoded.Height));
        double error = picture.Rgb.Zip(decoded.Rgb, (a, b) => Math.Pow(a - b, 2)).Average();
        Assert.InRange(error, 0, 900);
    }

    [Fact]
    public void HigherQualityCostsMoreAndIsCloser()
    {
        Picture picture = TinyModel.Picture(128, 128);
        var sizes = new List<int>();
        var errors = new List<double>();
        foreach (double quality in new[] { 1, 4.5, 8 })
        {
            byte[] bytes = Codec.Compress(picture, new CompressOptions { Quality = quality }).ToArray();
            sizes.Add(bytes.Length);
            errors.Add(picture.Rgb.Zip(Codec.Decompress(LlicFile.Read(bytes)).Rgb, (a, b) => Math.Pow(a - b, 2)).Average());
        }
        Assert.Equal(sizes.Order(), sizes);
        Assert.Equal(errors.OrderDescending(), errors);
    }

    [Fact]
    public void StripsGiveWhatTheWholePictureGives()
    {
        Picture picture = TinyModel.Picture(150, 700);
        var strips = new PictureCodec(tiny.Model) { StripPixels = 1 };
        var whole = new PictureCodec(tiny.Model) { StripPixels = long.MaxValue / 2 };
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        Tensor a = strips.Analyse(picture, null, default), b = whole.Analyse(picture, null, default);
        Assert.InRange((a - b).Abs().Amax([]).Item(), 0, 1e-4);

        LlicFile file = whole.Compress(picture);
        byte[] fromStrips = strips.Decompress(file).Rgb, fromWhole = whole.Decompress(file).Rgb;
        // A value that lies on a rounding tie may fall on either side.
        Assert.InRange(fromStrips.Zip(fromWhole, (x, y) => Math.Abs(x - y)).Max(), 0, 1);
        Assert.InRange(fromStrips.Zip(fromWhole).Count(pair => pair.First != pair.Second), 0, fromWhole.Length / 1000);
    }

    [Fact]
    public void AlphaAndMetadataAreKeptExactly()
    {
        Picture picture = TinyModel.Picture(45, 77, alpha: true);
        picture = new Picture(picture.Width, picture.Height, picture.Rgb, picture.Alpha) { Xmp = [1, 2, 3] };
        Picture kept = Codec.Decompress(LlicFile.Read(
            Codec.Compress(picture, new CompressOptions { KeepMetadata = true }).ToArray()));
        Assert.Equal(picture.Alpha, kept.Alpha);
        Assert.Equal(picture.Xmp, kept.Xmp);
        Assert.Null(Codec.Decompress(LlicFile.Read(Codec.Compress(picture).ToArray())).Xmp);
    }

    [Fact]
    public void GreyStaysGrey()
    {
        byte[] grey = [.. Enumerable.Range(0, 64 * 64).SelectMany(i => Enumerable.Repeat((byte)(i % 251), 3))];
        Picture decoded = Codec.Decompress(Codec.Compress(new Picture(64, 64, grey)));
        for (int i = 0; i < decoded.Rgb.Length; i += 3)
            Assert.True(decoded.Rgb[i] == decoded.Rgb[i + 1] && decoded.Rgb[i] == decoded.Rgb[i + 2]);
    }

    [Fact]
    public void ATargetSizeIsKept()
    {
        Picture picture = TinyModel.Picture(192, 192);
        int smallest = Codec.Compress(picture, new CompressOptions { Quality = 1 }).ToArray().Length;
        int largest = Codec.Compress(picture, new CompressOptions { Quality = 8 }).ToArray().Length;
        int target = (smallest + largest) / 2;
        int reached = Codec.Compress(picture, new CompressOptions { TargetBytes = target }).ToArray().Length;
        Assert.InRange(reached, target * 0.8, target);
        double bitsPerPixel = 8.0 * target / (192 * 192);
        Assert.Equal(reached, Codec.Compress(picture, new CompressOptions { BitsPerPixel = bitsPerPixel }).ToArray().Length);
        var error = Assert.Throws<PictureCodecException>(
            () => Codec.Compress(picture, new CompressOptions { TargetBytes = 20 }));
        Assert.Contains("20 bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnotherModelsFileIsRefusedByName()
    {
        LlicFile file = Codec.Compress(TinyModel.Picture(64, 64));
        LlicFile foreign = file with { Header = file.Header with { Model = new ModelIdentity("other", 42) } };
        var error = Assert.Throws<ModelException>(() => Codec.Decompress(LlicFile.Read(foreign.ToArray())));
        Assert.Contains("other-", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OtherThreadCountsDecodeTheSameSymbols()
    {
        Picture picture = TinyModel.Picture(320, 256);
        int before = TorchRuntime.Threads;
        try
        {
            TorchRuntime.Threads = 1;
            LlicFile file = Codec.Compress(picture, new CompressOptions { Quality = 5 });
            byte[] one = Codec.Decompress(file).Rgb;
            foreach (int threads in new[] { 2, 3, 4 })
            {
                TorchRuntime.Threads = threads;
                byte[] many = Codec.Decompress(file).Rgb;
                Assert.InRange(one.Zip(many, (a, b) => Math.Abs(a - b)).Max(), 0, 1);
            }
        }
        finally
        {
            TorchRuntime.Threads = before;
        }
    }

    [Fact]
    public void DoublePrecisionDecodesTheSameSymbols()
    {
        Picture picture = TinyModel.Picture(320, 256, seed: 2);
        LlicFile file = Codec.Compress(picture, new CompressOptions { Quality = 5 });
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        using LlIcmModel wide = LlIcmModel.Load(tiny.Folder);
        wide.Codec.To(Device.Cpu, ScalarType.Double);
        // The decoder checks the symbols' checksum: a single other symbol would throw.
        Tensor single = tiny.Model.Coder.Decode(file.Latents, 16, 20);
        Tensor twice = TorchCoding.Decode(wide.Codec, file.Latents, 16, 20);
        Assert.InRange((single - twice).Abs().Amax([]).Item(), 0, 1e-3);
    }

    [Fact]
    public void NoiseBelowEpsilonOnTheScalesIsHarmless()
    {
        // Few scales come so close to a boundary: not every picture has one.
        LlicFile file = Enumerable.Range(3, 40)
            .Select(seed => Codec.Compress(TinyModel.Picture(320, 256, seed), new CompressOptions { Quality = 7 }))
            .First(each => each.Latents.BoundarySymbols.Count > 0);
        for (int seed = 0; seed < 5; seed++)
        {
            var random = new Random(seed);
            using Tensor decoded = tiny.Model.Coder.Decode(file.Latents, 16, 20, true, scales =>
            {
                for (int i = 0; i < scales.Length; i++)
                    scales[i] *= 1 + (float)((random.NextDouble() * 2 - 1) * 0.9 * file.Header.ScaleEpsilon);
            });
            Assert.True(decoded.ElementCount > 0);
        }
    }

    [Fact]
    public void NoiseFarAboveEpsilonIsAnErrorNotAWrongPicture()
    {
        LlicFile file = Codec.Compress(TinyModel.Picture(320, 256, seed: 3), new CompressOptions { Quality = 7 });
        var random = new Random(1);
        Assert.Throws<EntropyCodingException>(() => tiny.Model.Coder.Decode(file.Latents, 16, 20, true, scales =>
        {
            for (int i = 0; i < scales.Length; i++) scales[i] *= 1 + (float)((random.NextDouble() * 2 - 1) * 0.05);
        }));
    }

    [Fact]
    public void AMutatedFileIsAnErrorOrTheSamePicture()
    {
        byte[] file = Codec.Compress(TinyModel.Picture(64, 64)).ToArray();
        byte[] expected = Codec.Decompress(LlicFile.Read(file)).Rgb;
        var random = new Random(11);
        int refused = 0;
        for (int round = 0; round < 20_000; round++)
        {
            byte[] mutated = Mutate(file, random);
            try
            {
                Assert.Equal(expected, Codec.Decompress(LlicFile.Read(mutated)).Rgb);
            }
            catch (Exception error) when (error is LlicFormatException or ModelException)
            {
                Assert.DoesNotContain('\n', error.Message);
                refused++;
            }
        }
        Assert.InRange(refused, 19_000, 20_000);
    }

    [Fact]
    public void DamagedStreamsUnderAValidContainerAreRefused()
    {
        LlicFile file = Codec.Compress(TinyModel.Picture(64, 128), new CompressOptions { Quality = 6 });
        var random = new Random(12);
        for (int round = 0; round < 300; round++)
        {
            byte[] stream = file.Latents.LatentStream.ToArray(), hyper = file.Latents.HyperStream.ToArray();
            byte[] hurt = random.Next(2) == 0 ? stream : hyper;
            hurt[random.Next(hurt.Length)] ^= (byte)(1 << random.Next(8));
            var damaged = new LatentSegment
            {
                HyperStream = hyper,
                LatentStream = stream,
                BoundarySymbols = file.Latents.BoundarySymbols,
            };
            Assert.Throws<LlicFormatException>(() => Codec.Decompress(file with { Latents = damaged }));
        }
    }

    private static byte[] Mutate(byte[] file, Random random)
    {
        byte[] mutated = [.. file];
        switch (random.Next(4))
        {
            case 0:
                return mutated[..random.Next(file.Length)];
            case 1:
                mutated[random.Next(file.Length)] ^= (byte)(1 << random.Next(8));
                return mutated;
            case 2:
                for (int i = 0; i < 4; i++) mutated[random.Next(file.Length)] = (byte)random.Next(256);
                return mutated;
            default:
                int at = random.Next(file.Length);
                return [.. mutated[..at], .. Enumerable.Range(0, random.Next(1, 9)).Select(_ => (byte)random.Next(256)), .. mutated[at..]];
        }
    }
}
