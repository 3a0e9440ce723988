using LlIcm.Imaging;
using LlIcm.Training.Degradations;

namespace LlIcm.Training.Data;

/// <summary>A square of a picture, and what becomes of it: drawn once, cut from every picture of a sample.</summary>
/// <param name="Left">Left edge.</param>
/// <param name="Top">Top edge.</param>
/// <param name="Side">Side in pixels of the picture.</param>
/// <param name="Flip">Whether it is mirrored.</param>
/// <param name="Turns">By how many right angles it is turned.</param>
public readonly record struct CropWindow(int Left, int Top, int Side, bool Flip, int Turns)
{
    /// <summary>Draws a window.</summary>
    /// <param name="width">Width of the picture.</param>
    /// <param name="height">Its height.</param>
    /// <param name="options">Size, scale and turns.</param>
    /// <param name="random">Where the draws come from.</param>
    public static CropWindow Draw(int width, int height, CropOptions options, Xoshiro256 random)
    {
        float scale = random.Chance(options.UnscaledChance) ? 1f : random.NextFloat(options.Scale);
        int side = Math.Clamp((int)MathF.Round(options.Size / scale), 1, Math.Min(width, height));
        int left = random.NextInt(width - side + 1), top = random.NextInt(height - side + 1);
        bool flip = random.Chance(0.5f);
        int turns = random.NextInt(4);
        return new CropWindow(left, top, side, options.Flip && flip, options.Rotate ? turns : 0);
    }

    /// <summary>Cuts the window out and scales it.</summary>
    /// <param name="picture">A picture of the size that the window was drawn for.</param>
    /// <param name="size">Side of the result.</param>
    /// <returns>8-bit levels in 0–1.</returns>
    public PlanarImage Cut(Picture picture, int size)
    {
        PlanarImage crop = Resampler.Crop(picture, Left, Top, Side, Side, size, size);
        if (Flip) Mirror(crop);
        return Turns > 0 ? Turn(crop, Turns) : crop;
    }

    private static void Mirror(PlanarImage image)
    {
        for (int c = 0; c < 3; c++)
        {
            for (int y = 0; y < image.Height; y++) image.Plane(c).Slice(y * image.Width, image.Width).Reverse();
        }
    }

    private static PlanarImage Turn(PlanarImage image, int turns)
    {
        int side = image.Width;
        PlanarImage turned = new(side, side);
        for (int c = 0; c < 3; c++)
        {
            Span<float> from = image.Plane(c), to = turned.Plane(c);
            for (int y = 0; y < side; y++)
            {
                for (int x = 0; x < side; x++)
                {
                    to[y * side + x] = turns switch
                    {
                        1 => from[x * side + side - 1 - y],
                        2 => from[(side - 1 - y) * side + side - 1 - x],
                        _ => from[(side - 1 - x) * side + y],
                    };
                }
            }
        }
        return turned;
    }
}
