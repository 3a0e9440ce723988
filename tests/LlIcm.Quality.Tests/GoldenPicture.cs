using LlIcm.Imaging;
using LlIcm.Tensors.Serialization;
using LlIcm.TestSupport;

namespace LlIcm.Quality.Tests;

/// <summary>Pictures among golden tensors.</summary>
internal static class GoldenPicture
{
    /// <summary>A stored uint8 [3, H, W] as a picture.</summary>
    public static Picture Picture(this Golden golden, string name)
    {
        StoredTensor stored = golden.File[name];
        Assert.Equal(3, stored.Shape.Length);
        int height = (int)stored.Shape[1], width = (int)stored.Shape[2], plane = height * width;
        ReadOnlySpan<byte> planes = stored.Data;
        var rgb = new byte[3 * plane];
        for (int i = 0; i < plane; i++)
            for (int c = 0; c < 3; c++) rgb[3 * i + c] = planes[c * plane + i];
        return new Picture(width, height, rgb);
    }
}
