namespace LlIcm.Imaging.Tests;

public class PlainPngTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(37, 23)]
    public void APlainPngIsReadWithoutLibvips(int width, int height)
    {
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < rgb.Length; i++) rgb[i] = (byte)(128 + 90 * Math.Sin(i * 0.07) + i % 5);
        byte[] file = PictureFile.Encode(new Picture(width, height, rgb), PictureFormat.Png);
        Picture read = PlainPng.Decode(file, "a.png")!;
        Assert.Equal((width, height), (read.Width, read.Height));
        Assert.Equal(rgb, read.Rgb);
    }

    [Fact]
    public void EveryFilterIsUndone()
    {
        byte[] rgb = [10, 20, 30, 40, 50, 60, 70, 80, 90, 15, 25, 35, 45, 55, 65, 75, 85, 95];
        for (byte filter = 0; filter < 5; filter++)
        {
            Picture read = PlainPng.Decode(Write(rgb, 3, 2, filter), "a.png")!;
            Assert.Equal(rgb, read.Rgb);
        }
        Assert.Throws<PictureException>(() => PlainPng.Decode(Write(rgb, 3, 2, 5), "a.png"));
    }

    [Fact]
    public void OtherKindsAreLeftToLibvipsAndDamageIsSaid()
    {
        byte[] rgb = new byte[3 * 20 * 20];
        byte[] alpha = PictureFile.Encode(new Picture(20, 20, rgb, new byte[400]), PictureFormat.Png);
        Assert.Null(PlainPng.Decode(alpha, "a.png"));
        byte[] file = PictureFile.Encode(new Picture(20, 20, rgb), PictureFormat.Png);
        for (int length = 8; length < file.Length; length += 7)
        {
            byte[] cut = file[..length];
            Assert.Contains("a.png", Assert.Throws<PictureException>(() => PlainPng.Decode(cut, "a.png")).Message);
        }
    }

    private static byte[] Write(byte[] rgb, int width, int height, byte filter)
    {
        int stride = 3 * width;
        using var raw = new MemoryStream();
        for (int y = 0; y < height; y++)
        {
            raw.WriteByte(filter);
            for (int i = 0; i < stride; i++)
            {
                int left = i < 3 ? 0 : rgb[y * stride + i - 3], above = y == 0 ? 0 : rgb[(y - 1) * stride + i];
                int corner = i < 3 || y == 0 ? 0 : rgb[(y - 1) * stride + i - 3];
                int guess = left + above - corner;
                (int, int)[] near = [(Math.Abs(guess - left), left), (Math.Abs(guess - above), above), (Math.Abs(guess - corner), corner)];
                int predicted = filter switch { 1 => left, 2 => above, 3 => (left + above) / 2, 4 => near.MinBy(each => each.Item1).Item2, _ => 0 };
                raw.WriteByte((byte)(rgb[y * stride + i] - predicted));
            }
        }
        using var packed = new MemoryStream();
        using (var zlib = new System.IO.Compression.ZLibStream(packed, System.IO.Compression.CompressionLevel.Fastest, true))
            zlib.Write(raw.ToArray());
        using var file = new MemoryStream();
        file.Write([137, 80, 78, 71, 13, 10, 26, 10]);
        Chunk(file, "IHDR", [0, 0, 0, (byte)width, 0, 0, 0, (byte)height, 8, 2, 0, 0, 0]);
        Chunk(file, "IDAT", packed.ToArray());
        Chunk(file, "IEND", []);
        return file.ToArray();
    }

    private static void Chunk(MemoryStream file, string type, byte[] data)
    {
        file.Write([0, 0, (byte)(data.Length >> 8), (byte)data.Length]);
        file.Write(System.Text.Encoding.ASCII.GetBytes(type));
        file.Write(data);
        file.Write(new byte[4]);
    }
}
