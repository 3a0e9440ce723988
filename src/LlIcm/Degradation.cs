namespace LlIcm;

/// <summary>
/// What is wrong with a picture: the ten degradations of DA-CLIP's universal restoration, in the order of its prompts (Luo et al., "Controlling
/// Vision-Language Models for Multi-Task Image Restoration", ICLR 2024), and none. <see cref="DegradationNames"/> has their words and tasks.
/// </summary>
public enum Degradation : byte
{
    /// <summary>The camera or what it saw moved during the exposure.</summary>
    MotionBlurry,

    /// <summary>Haze, fog or smoke.</summary>
    Hazy,

    /// <summary>Blocks and ringing of a strong JPEG compression.</summary>
    JpegCompressed,

    /// <summary>Far too dark, with the noise that goes with it.</summary>
    LowLight,

    /// <summary>Sensor noise or Gaussian noise.</summary>
    Noisy,

    /// <summary>Drops on the lens or on a pane before it.</summary>
    Raindrop,

    /// <summary>Rain streaks.</summary>
    Rainy,

    /// <summary>A cast shadow.</summary>
    Shadowed,

    /// <summary>Falling snow.</summary>
    Snowy,

    /// <summary>Parts are missing.</summary>
    Uncompleted,

    /// <summary>Nothing is wrong.</summary>
    Clean,
}
