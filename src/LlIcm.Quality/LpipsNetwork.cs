namespace LlIcm.Quality;

/// <summary>The classification network whose features LPIPS compares.</summary>
public enum LpipsNetwork
{
    /// <summary>AlexNet: the one to evaluate with, as its authors recommend.</summary>
    Alex,

    /// <summary>VGG16: usual as a training loss.</summary>
    Vgg,

    /// <summary>SqueezeNet 1.1: the smallest.</summary>
    Squeeze,
}
