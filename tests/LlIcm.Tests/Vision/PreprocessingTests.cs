using System.Globalization;
using System.Text.Json;
using LlIcm.Tensors.Serialization;
using LlIcm.TestSupport;

namespace LlIcm.Vision;

[Trait("Category", "parity")]
public sealed class PreprocessingParityTests
{
    [FixtureFact("iqa", "qalign.preprocess.safetensors")]
    public void ResizingEqualsPillowForEveryFilter()
    {
        using var file = SafeTensorsFile.Open(Fixtures.Path("iqa", "qalign.preprocess.safetensors")!);
        (byte[] rgb, int width, int height) = Interleaved(file["pil.in_u8"]);
        int cases = 0;
        foreach (StoredTensor expected in Named(file, "pil.", ""))
        {
            string[] parts = expected.Name.Split('.');
            if (!Enum.TryParse(parts[1], ignoreCase: true, out PillowFilter filter)) continue;
            (byte[] wanted, int outWidth, int outHeight) = Interleaved(expected);
            Assert.Equal(wanted, PillowResize.Resize(rgb, width, height, outWidth, outHeight, filter));
            cases++;
        }
        Assert.True(cases >= 3);
    }

    [FixtureFact("restore", "clip.preprocess.json")]
    public void SizesAndCropsFollowTheReference()
    {
        string path = Fixtures.Path("restore", "clip.preprocess.json")!;
        using JsonDocument facts = JsonDocument.Parse(File.ReadAllBytes(path));
        const string prefix = "resize_rule_";
        JsonProperty rules = facts.RootElement.EnumerateObject()
            .Single(p => p.Name.StartsWith(prefix, StringComparison.Ordinal));
        var preprocessing = new ClipPreprocessing(int.Parse(rules.Name[prefix.Length..], CultureInfo.InvariantCulture));
        int cases = 0;
        foreach (JsonElement rule in rules.Value.EnumerateArray())
        {
            int Number(string name) => rule.GetProperty(name).GetInt32();
            (int width, int height) = (Number("w"), Number("h"));
            Assert.Equal((Number("resized_w"), Number("resized_h")), preprocessing.ResizedSize(width, height));
            Assert.Equal((Number("crop_left"), Number("crop_top")), preprocessing.CropOffset(width, height));
            cases++;
        }
        Assert.True(cases > 0);
        for (int c = 0; c < 3; c++)
        {
            Assert.Equal(facts.RootElement.GetProperty("mean")[c].GetSingle(), ClipPreprocessing.Mean[c]);
            Assert.Equal(facts.RootElement.GetProperty("std")[c].GetSingle(), ClipPreprocessing.StandardDeviation[c]);
        }
    }

    [FixtureFact("restore", "clip.preprocess.safetensors")]
    public void PicturesOfEightBitsEqualTheReference()
    {
        using var file = SafeTensorsFile.Open(Fixtures.Path("restore", "clip.preprocess.safetensors")!);
        int cases = 0;
        foreach (StoredTensor picture in Named(file, "", ".rgb"))
        {
            string name = picture.Name[..^".rgb".Length];
            int height = (int)picture.Shape[0], width = (int)picture.Shape[1];
            foreach (StoredTensor expected in file.Tensors.Values)
            {
                if (expected.Name.StartsWith(name + ".resized", StringComparison.Ordinal))
                {
                    byte[] whole = PillowResize.Bicubic(
                        picture.Data, width, height, (int)expected.Shape[1], (int)expected.Shape[0]);
                    Assert.True(expected.Data.SequenceEqual(whole), expected.Name);
                    var rule = new ClipPreprocessing((int)Math.Min(expected.Shape[0], expected.Shape[1]));
                    Assert.Equal(((int)expected.Shape[1], (int)expected.Shape[0]), rule.ResizedSize(width, height));
                    cases++;
                }
                if (!expected.Name.StartsWith(name + ".A.", StringComparison.Ordinal)) continue;
                var preprocessing = new ClipPreprocessing((int)expected.Shape[1]);
                if (expected.Name.Contains(".crop"))
                    Assert.Equal(expected.Data.ToArray(), preprocessing.Crop(picture.Data, width, height));
                else
                    Assert.Equal(expected.ToFloatArray(), preprocessing.Prepare(picture.Data, width, height));
                // What 8-bit pictures lose by becoming numbers in [0, 1] and bytes again: nothing.
                if (expected.Name.Contains(".tensor"))
                {
                    float[] real = [.. picture.ToFloatArray().Select(v => v / 255f)];
                    Assert.Equal(expected.ToFloatArray(), preprocessing.Prepare(real, width, height));
                }
                cases++;
            }
        }
        Assert.True(cases > 0);
    }

    [FixtureFact("restore", "clip.preprocess.safetensors")]
    public void PicturesOfRealNumbersAreTruncatedAsInTheReference()
    {
        using var file = SafeTensorsFile.Open(Fixtures.Path("restore", "clip.preprocess.safetensors")!);
        int cases = 0;
        foreach (StoredTensor picture in Named(file, "", ".float_rgb"))
        {
            string name = picture.Name[..^".float_rgb".Length];
            int height = (int)picture.Shape[0], width = (int)picture.Shape[1];
            float[] rgb = picture.ToFloatArray();
            byte[] truncated = ClipPreprocessing.Truncate(rgb);
            Assert.True(file[$"{name}.truncated_u8"].Data.SequenceEqual(truncated));
            foreach (StoredTensor expected in Named(file, $"{name}.B32.", ""))
            {
                var preprocessing = new ClipPreprocessing((int)expected.Shape[1]);
                if (expected.Name.Contains(".crop"))
                    Assert.True(expected.Data.SequenceEqual(preprocessing.Crop(truncated, width, height)));
                else
                {
                    Assert.Equal(expected.ToFloatArray(), preprocessing.Prepare(rgb, width, height));
                    Assert.Equal(expected.ToFloatArray(), preprocessing.PreparePlanes(Planes(rgb), width, height));
                }
                cases++;
            }
        }
        Assert.True(cases > 0);
    }

    private static IEnumerable<StoredTensor> Named(WeightFile file, string start, string end) =>
        file.Tensors.Values.Where(t => t.Name.StartsWith(start, StringComparison.Ordinal)
            && t.Name.EndsWith(end, StringComparison.Ordinal));

    private static float[] Planes(float[] rgb)
    {
        int plane = rgb.Length / 3;
        var planes = new float[rgb.Length];
        for (int i = 0; i < rgb.Length; i++) planes[i % 3 * plane + i / 3] = rgb[i];
        return planes;
    }

    private static (byte[] Rgb, int Width, int Height) Interleaved(StoredTensor planes)
    {
        int height = (int)planes.Shape[1], width = (int)planes.Shape[2], plane = width * height;
        ReadOnlySpan<byte> data = planes.Data;
        var rgb = new byte[data.Length];
        for (int i = 0; i < rgb.Length; i++) rgb[i] = data[i % 3 * plane + i / 3];
        return (rgb, width, height);
    }
}

public sealed class PreprocessingTests
{
    [Theory]
    [InlineData(PillowFilter.Bilinear)]
    [InlineData(PillowFilter.Bicubic)]
    [InlineData(PillowFilter.Lanczos)]
    public void AFlatPictureStaysFlatAtAnySize(PillowFilter filter)
    {
        foreach ((int width, int height) in ((int, int)[])[(1, 1), (1, 9), (5, 3), (17, 40)])
        {
            byte[] flat = [.. Enumerable.Range(0, width * height * 3).Select(i => (byte)(i % 3 * 100 + 7))];
            foreach ((int outWidth, int outHeight) in ((int, int)[])[(1, 1), (2, 7), (33, 2), (64, 64)])
            {
                byte[] resized = PillowResize.Resize(flat, width, height, outWidth, outHeight, filter);
                Assert.Equal(outWidth * outHeight * 3, resized.Length);
                for (int i = 0; i < resized.Length; i++) Assert.Equal(i % 3 * 100 + 7, resized[i]);
            }
        }
    }

    [Fact]
    public void CroppingWhileResizingEqualsCroppingAfterwards()
    {
        var random = new Random(3);
        var rgb = new byte[61 * 47 * 3];
        random.NextBytes(rgb);
        foreach ((int outWidth, int outHeight) in ((int, int)[])[(30, 20), (47, 90), (100, 61), (47, 61)])
        {
            byte[] whole = PillowResize.Bicubic(rgb, 47, 61, outWidth, outHeight);
            int left = 5, top = 7, width = outWidth - 11, height = outHeight - 9;
            byte[] crop = PillowResize.ResizeAndCrop(
                rgb, 47, 61, outWidth, outHeight, left, top, width, height, PillowFilter.Bicubic);
            for (int y = 0; y < height; y++)
            {
                Assert.Equal(
                    whole.AsSpan(((y + top) * outWidth + left) * 3, width * 3), crop.AsSpan(y * width * 3, width * 3));
            }
        }
    }

    [Fact]
    public void NumbersOutsideTheRangeAreClampedBeforeTruncation()
    {
        float[] values = [-1, float.NaN, 0, 0.999f, 1, 1.5f, float.PositiveInfinity, 254.999f / 255];
        Assert.Equal([0, 0, 0, 254, 255, 255, 255, 254], ClipPreprocessing.Truncate(values));
    }

    [Fact]
    public void VeryLongPicturesDoNotTakeTheMemoryOfTheirResizedForm()
    {
        // Resized as a whole this one would be 224 × 22.4 million pixels.
        float[] planes = new ClipPreprocessing(224).Prepare(new byte[100_000 * 3], 1, 100_000);
        Assert.Equal(3 * 224 * 224, planes.Length);
        Assert.Equal((0f - ClipPreprocessing.Mean[0]) / ClipPreprocessing.StandardDeviation[0], planes[0]);
    }

    [Fact]
    public void WrongSizesAreRefused()
    {
        var preprocessing = new ClipPreprocessing(8);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ClipPreprocessing(0));
        Assert.Throws<ArgumentException>(() => preprocessing.Prepare(new byte[11], 2, 2));
        Assert.Throws<ArgumentException>(() => preprocessing.PreparePlanes(new float[13], 2, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => preprocessing.Prepare(Array.Empty<byte>(), 0, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => PillowResize.Bicubic(new byte[12], 2, 2, 0, 2));
        Assert.Throws<ArgumentException>(
            () => PillowResize.ResizeAndCrop(new byte[12], 2, 2, 4, 4, 1, 0, 4, 4, PillowFilter.Bicubic));
    }
}
